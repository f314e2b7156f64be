// verdict: suspected
// shows: rarely
//
// Every call makes a mutex of its own and locks that: no two callers ever wait for each other.
#include <cstdio>
#include <mutex>
#include <thread>

int g_next = 1;

int drawTicket() {
  std::mutex mu;
  std::lock_guard<std::mutex> lock(mu);  // expect: ineffective-guard mu
  return g_next++;  // allow: data-race g_next
}

int main() {
  std::thread desk([] { drawTicket(); });
  drawTicket();
  desk.join();
  std::printf("next ticket %d\n", drawTicket());
  return 0;
}
