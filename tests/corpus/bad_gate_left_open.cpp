// A gate lock guards one order; the other order goes round it.
#include <mutex>
#include <thread>

std::mutex g_gate;
std::mutex g_left;
std::mutex g_right;

void guarded() {
  std::lock_guard<std::mutex> gate(g_gate);
  std::lock_guard<std::mutex> left(g_left);    // expect: lock-order g_left
  std::lock_guard<std::mutex> right(g_right);  // expect: lock-order g_right
}

void hurried() {
  std::lock_guard<std::mutex> right(g_right);  // expect: lock-order g_right
  std::lock_guard<std::mutex> left(g_left);    // expect: lock-order g_left
}

int main() {
  std::thread first(guarded);
  std::thread second(hurried);
  first.join();
  second.join();
  return 0;
}
