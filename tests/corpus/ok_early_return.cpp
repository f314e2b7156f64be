// Hand-made locking with several ways out, each of which unlocks; the second call must not look like a double lock.
#include <mutex>
#include <stdexcept>
#include <thread>

std::mutex g_mu;
int g_credit = 2;

bool spend(int amount) {
  g_mu.lock();
  if (amount <= 0) {
    g_mu.unlock();
    return false;
  }
  if (g_credit < amount) {
    g_mu.unlock();
    return false;
  }
  g_credit -= amount;
  g_mu.unlock();
  return true;
}

void check(int amount) {
  std::lock_guard<std::mutex> lock(g_mu);
  if (g_credit < amount) throw std::runtime_error("no credit");
}

int shop() {
  int bought = 0;
  for (int amount = 1; amount < 4; ++amount) {
    try {
      check(amount);
      if (spend(amount)) ++bought;
    } catch (const std::runtime_error&) {
      spend(0);
    }
  }
  return bought;
}

int main() {
  int first = 0;
  int second = 0;
  std::thread a([&first] { first = shop(); });
  std::thread b([&second] { second = shop(); });
  a.join();
  b.join();
  return first + second > 0 ? 0 : 1;
}
