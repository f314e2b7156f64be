// A ledger with two tables, each with a lock behind functions of another file. Whoever needs both locks the accounts
// first.
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "ledger.h"

static long g_balances[2] = {100, 0};
static std::vector<long> g_journal;

void post(int from, int to, long amount) {
  lockAccounts();
  g_balances[from] -= amount;
  g_balances[to] += amount;
  lockJournal();
  g_journal.push_back(amount);
  unlockJournal();
  unlockAccounts();
}

// Whether the journal accounts for all that has arrived in the second account.
bool audit() {
  lockAccounts();
  lockJournal();
  long sum = 0;
  for (long amount : g_journal) sum += amount;
  const bool sound = g_balances[1] == sum;
  unlockJournal();
  unlockAccounts();
  return sound;
}

int main() {
  bool sound = false;
  std::thread clerk([] {
    post(0, 1, 30);
    post(0, 1, 12);
  });
  std::thread auditor([&sound] {
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    sound = audit();
  });
  clerk.join();
  auditor.join();

  std::printf("audit: %s\n", sound ? "sound" : "unsound");
  return sound ? 0 : 1;
}
