// verdict: confirmed
// shows: often
//
// An exit poll counts in the background. Its figure is printed, and asked for once more for the total, when the future has
// nothing left to give.
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
  std::printf("north: %d\n", poll.get());
  int total = 0;
  try {
    total += poll.get();  // expect: promise-misuse poll
  } catch (const std::future_error& error) {
    std::printf("total: %s\n", error.what());
    return 1;
  }
  std::printf("total: %d\n", total);
  return 0;
}
