// Locks of the ledger's two tables; they live in another translation unit, behind functions.
#pragma once

void lockAccounts();
void unlockAccounts();
void lockJournal();
void unlockJournal();
