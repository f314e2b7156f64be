// The mutex is one for all calls, so that callers wait for each other.
#include <cstdio>
#include <mutex>
#include <thread>

int g_next = 1;

int drawTicket() {
  static std::mutex mu;
  std::lock_guard<std::mutex> lock(mu);
  return g_next++;
}

int main() {
  std::thread desk([] { drawTicket(); });
  drawTicket();
  desk.join();
  std::printf("next ticket %d\n", drawTicket());
  return 0;
}
