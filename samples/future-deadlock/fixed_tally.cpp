// A tally refreshes one of its districts in the background, waits for it, and takes the lock to note the figure.
#include <cstdio>
#include <future>
#include <mutex>
#include <vector>

std::mutex g_ballots;
std::vector<int> g_votes = {1, 0, 1, 1};
int g_total = 0;

int countDistrict() {
  std::lock_guard<std::mutex> lock(g_ballots);
  int yes = 0;
  for (int vote : g_votes) yes += vote;
  return yes;
}

void refresh() {
  std::future<int> district = std::async(std::launch::async, countDistrict);
  const int yes = district.get();
  std::lock_guard<std::mutex> lock(g_ballots);
  g_total = yes;
}

int main() {
  refresh();
  std::printf("%d votes\n", g_total);
  return 0;
}
