// One thread walks the map that another erases from.
#include <map>
#include <thread>

std::map<int, int> g_sessions{{1, 10}, {2, 20}};

void expire() { g_sessions.erase(1); }  // expect: data-race g_sessions

int main() {
  std::thread reaper(expire);
  int total = 0;
  for (auto it = g_sessions.begin(); it != g_sessions.end(); ++it) total += it->second;  // expect: data-race g_sessions
  reaper.join();
  return total;
}
