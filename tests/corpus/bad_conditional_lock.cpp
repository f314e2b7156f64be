// The lock is taken on one condition, and the data is also touched on the other one, where another thread may be.
#include <mutex>
#include <thread>

std::mutex mu;
int total = 0;

void add(bool careful) {
  if (careful) {
    mu.lock();
    ++total;  // allow: data-race total
    mu.unlock();
  } else {
    ++total;  // expect: data-race total
  }
}

int main() {
  std::thread a(add, true), b(add, false);
  a.join();
  b.join();
  return total;
}
