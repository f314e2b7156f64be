// Two locks in both orders, but always under a third: the cycle can never close.
#include <mutex>
#include <thread>

std::mutex g_gate;
std::mutex g_left;
std::mutex g_right;
int g_value = 0;

void forward() {
  std::lock_guard<std::mutex> gate(g_gate);
  std::lock_guard<std::mutex> left(g_left);
  std::lock_guard<std::mutex> right(g_right);
  ++g_value;
}

void backward() {
  std::lock_guard<std::mutex> gate(g_gate);
  std::lock_guard<std::mutex> right(g_right);
  std::lock_guard<std::mutex> left(g_left);
  --g_value;
}

int main() {
  std::thread first(forward);
  std::thread second(backward);
  first.join();
  second.join();
  return 0;
}
