// One thread locks to hold another up, and the other unlocks: a mutex is no semaphore.
#include <mutex>
#include <thread>

std::mutex g_gate;

void openGate() {
  g_gate.unlock();  // expect: bad-unlock g_gate
}

int main() {
  std::thread porter(openGate);
  g_gate.lock();
  porter.join();  // allow: blocking-under-lock g_gate
  return 0;
}
