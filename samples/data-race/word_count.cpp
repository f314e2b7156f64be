// verdict: confirmed
// shows: rarely
//
// Counts a word in a text with two std::async tasks. Each adds its part to a shared total, once, at its end: too short
// a moment to be noticed.
#include <cstddef>
#include <cstdio>
#include <future>
#include <string>
#include <vector>

std::vector<std::string> makeText() {
  std::vector<std::string> lines;
  for (int i = 0; i < 30000; ++i) {
    lines.push_back(i % 3 == 0 ? "the error was retried later" : "nothing to see on this line");
  }
  return lines;
}

int main() {
  const std::vector<std::string> lines = makeText();
  int total = 0;

  auto countIn = [&lines, &total](std::size_t begin, std::size_t end) {
    int found = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (lines[i].find("error") != std::string::npos) ++found;
    }
    total += found;  // expect: data-race total
  };

  // The tail is short, so its task is done long before the other.
  std::future<void> head = std::async(std::launch::async, countIn, std::size_t{0}, std::size_t{25000});
  std::future<void> tail = std::async(std::launch::async, countIn, std::size_t{25000}, lines.size());
  head.get();
  tail.get();

  std::printf("%d lines with errors\n", total);
  return total == 10000 ? 0 : 1;
}
