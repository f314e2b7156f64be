// The locks behind the ledger's lock functions.
#include <mutex>

#include "ledger.h"

static std::mutex g_accountsLock;
static std::mutex g_journalLock;

void lockAccounts() { g_accountsLock.lock(); }

void unlockAccounts() { g_accountsLock.unlock(); }

void lockJournal() { g_journalLock.lock(); }

void unlockJournal() { g_journalLock.unlock(); }
