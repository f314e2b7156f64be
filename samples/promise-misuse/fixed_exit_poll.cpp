// An exit poll counts in the background. Its figure is taken once and kept for the total.
#include <cstdio>
#include <future>
#include <vector>

int count(const std::vector<int>& ballots) {
  int yes = 0;
  for (int ballot : ballots) yes += ballot;
  return yes;
}

int main() {
  const std::vector<int> north = {1, 0, 1, 1};
  std::future<int> poll = std::async(std::launch::async, count, north);
  const int inTheNorth = poll.get();
  std::printf("north: %d\n", inTheNorth);
  int total = 0;
  total += inTheNorth;
  std::printf("total: %d\n", total);
  return 0;
}
