// One way out forgets to unlock, so the next call locks twice.
#include <mutex>
#include <thread>

std::mutex g_mu;
int g_credit = 2;

bool spend(int amount) {
  g_mu.lock();  // expect: lock-leak g_mu
  if (g_credit < amount) return false;
  g_credit -= amount;
  g_mu.unlock();
  return true;
}

void shop() {
  spend(5);
  spend(1);
}

int main() {
  std::thread buyer(shop);
  buyer.join();
  return 0;
}
