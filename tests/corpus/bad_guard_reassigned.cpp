// One guard, two locks: after it was given the second it no longer holds the first.
#include <mutex>
#include <thread>

std::mutex first, second;
int one = 0;

void move() {
  std::unique_lock<std::mutex> held(first);
  held = std::unique_lock<std::mutex>(second);
  ++one;  // expect: data-race one
}

void count() {
  std::lock_guard<std::mutex> guard(first);
  ++one;  // allow: data-race one
}

int main() {
  std::thread a(move), b(count);
  a.join();
  b.join();
  return one;
}
