// A class without a lock draws on a global store; its owner calls it under a lock. A method for tests is never called.
#include <mutex>
#include <vector>

static std::vector<int>* store;

class Ledger {
 public:
  Ledger() {
    if (!store) store = new std::vector<int>;
  }
  void enter(int amount) { store->push_back(amount); }
  int last() const { return store->empty() ? 0 : store->back(); }
  bool check() const { return store->size() < 1000; }
};

static std::mutex mu;
static Ledger* ledger;

void book(int amount) {
  std::lock_guard<std::mutex> lock(mu);
  if (!ledger) ledger = new Ledger;
  ledger->enter(amount);
}

int lastBooked() {
  std::lock_guard<std::mutex> lock(mu);
  return ledger ? ledger->last() : 0;
}
