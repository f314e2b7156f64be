// The locks behind the ledger's lock functions.
#include "ledger.h"

#include <mutex>

static std::mutex g_accountsLock;
static std::mutex g_journalLock;

void lockAccounts() {
  g_accountsLock.lock();  // expect: lock-order g_accountsLock
}

void unlockAccounts() { g_accountsLock.unlock(); }

void lockJournal() {
  g_journalLock.lock();  // expect: lock-order g_journalLock
}

void unlockJournal() { g_journalLock.unlock(); }
