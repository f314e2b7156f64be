// verdict: confirmed
// shows: often
//
// A tally refreshes one of its districts in the background and waits for it with the lock held that the task takes to read
// the ballots.
#include <cstdio>
#include <future>
#include <mutex>
#include <vector>

std::mutex g_ballots;
std::vector<int> g_votes = {1, 0, 1, 1};
int g_total = 0;

int countDistrict() {
  std::lock_guard<std::mutex> lock(g_ballots);  // allow: future-deadlock g_ballots
  int yes = 0;
  for (int vote : g_votes) yes += vote;
  return yes;
}

void refresh() {
  std::lock_guard<std::mutex> lock(g_ballots);
  std::future<int> district = std::async(std::launch::async, countDistrict);
  g_total = district.get();  // expect: future-deadlock g_ballots
}

int main() {
  refresh();
  std::printf("%d votes\n", g_total);
  return 0;
}
