// verdict: suspected
// A shop writes an audit line for each sale "in the background". Nobody keeps the future, so each sale waits for it.
#include <atomic>
#include <cstdio>
#include <future>

std::atomic<int> g_lines = 0;

void writeAuditLine(int amount) {
  if (amount > 0) ++g_lines;
}

int sell(int amount) {
  (void)std::async(std::launch::async, writeAuditLine, amount);  // expect: discarded-future writeAuditLine
  return amount;
}

int main() {
  int total = 0;
  for (int sale = 1; sale <= 5; ++sale) total += sell(sale);
  std::printf("sold for %d, %d audit lines\n", total, g_lines.load());
  return 0;
}
