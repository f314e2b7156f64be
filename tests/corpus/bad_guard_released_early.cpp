// The guard's scope ends one line too early.
#include <mutex>
#include <thread>

std::mutex g_mu;
int g_next = 0;

void take(int* ticket) {
  {
    std::lock_guard<std::mutex> lock(g_mu);
    *ticket = g_next;  // expect: data-race g_next
  }
  ++g_next;  // expect: data-race g_next
}

int main() {
  int a = 0;
  int b = 0;
  std::thread first(take, &a);
  std::thread second(take, &b);
  first.join();
  second.join();
  return a >= 0 && b >= 0 ? 0 : 1;
}
