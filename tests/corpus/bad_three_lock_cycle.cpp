// A ring of three locks through helpers; no two threads alone can deadlock.
#include <mutex>
#include <thread>

std::mutex g_a;
std::mutex g_b;
std::mutex g_c;
int g_moves = 0;

void withB() {
  std::lock_guard<std::mutex> lock(g_b);  // expect: lock-order g_b
  ++g_moves;
}

void withC() {
  std::lock_guard<std::mutex> lock(g_c);  // expect: lock-order g_c
}

void withA() {
  std::lock_guard<std::mutex> lock(g_a);  // expect: lock-order g_a
}

void first() {
  std::lock_guard<std::mutex> lock(g_a);  // expect: lock-order g_a
  withB();
}

void second() {
  std::lock_guard<std::mutex> lock(g_b);  // expect: lock-order g_b
  withC();
}

void third() {
  std::lock_guard<std::mutex> lock(g_c);  // expect: lock-order g_c
  withA();
}

int main() {
  std::thread one(first);
  std::thread two(second);
  std::thread three(third);
  one.join();
  two.join();
  three.join();
  return 0;
}
