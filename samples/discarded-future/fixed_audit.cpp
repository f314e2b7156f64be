// A shop writes an audit line for each sale in the background and looks after the tasks when it closes.
#include <atomic>
#include <cstdio>
#include <future>
#include <vector>

std::atomic<int> g_lines = 0;

void writeAuditLine(int amount) {
  if (amount > 0) ++g_lines;
}

int sell(int amount, std::vector<std::future<void>>& pending) {
  pending.push_back(std::async(std::launch::async, writeAuditLine, amount));
  return amount;
}

int main() {
  std::vector<std::future<void>> pending;
  int total = 0;
  for (int sale = 1; sale <= 5; ++sale) total += sell(sale, pending);
  for (std::future<void>& task : pending) task.get();
  std::printf("sold for %d, %d audit lines\n", total, g_lines.load());
  return 0;
}
