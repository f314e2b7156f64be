// verdict: confirmed
// shows: rarely
//
// A ledger with two tables, each with a lock behind functions of another file. Posting locks the accounts and then the
// journal; the nightly audit walks the journal and looks up accounts.
#include "ledger.h"

#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

static long g_balances[2] = {100, 0};
static std::vector<long> g_journal;

void post(int from, int to, long amount) {
  lockAccounts();  // allow: lock-order g_accountsLock
  g_balances[from] -= amount;
  g_balances[to] += amount;
  lockJournal();  // allow: lock-order g_journalLock
  g_journal.push_back(amount);
  unlockJournal();
  unlockAccounts();
}

// Whether the journal accounts for all that has arrived in the second account.
bool audit() {
  lockJournal();  // allow: lock-order g_journalLock
  long sum = 0;
  for (long amount : g_journal) sum += amount;
  lockAccounts();  // allow: lock-order g_accountsLock
  const bool sound = g_balances[1] == sum;
  unlockAccounts();
  unlockJournal();
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
