// Scratch memory of each thread, and an object of its own that never leaves it.
#include <string>
#include <thread>

thread_local std::string t_scratch;
thread_local int t_uses = 0;

struct Report {
  std::string text;
  int lines = 0;
};

int format(int value) {
  Report report;
  t_scratch = "value ";
  t_scratch += std::to_string(value);
  ++t_uses;
  report.text = t_scratch;
  report.lines = t_uses;
  return static_cast<int>(report.text.size()) + report.lines;
}

int main() {
  int a = 0;
  int b = 0;
  std::thread first([&a] { a = format(1) + format(2); });
  std::thread second([&b] { b = format(3); });
  first.join();
  second.join();
  return a == 17 && b == 8 ? 0 : 1;
}
