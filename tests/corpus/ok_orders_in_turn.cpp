// Two locks in both orders, but the thread of the first order has been joined before the second order is used.
#include <mutex>
#include <thread>

std::mutex g_accounts;
std::mutex g_audit;
int g_balance = 0;

void post() {
  std::lock_guard<std::mutex> accounts(g_accounts);
  std::lock_guard<std::mutex> audit(g_audit);
  g_balance += 5;
}

void review() {
  std::lock_guard<std::mutex> audit(g_audit);
  std::lock_guard<std::mutex> accounts(g_accounts);
  g_balance -= 1;
}

int main() {
  std::thread day(post);
  day.join();
  std::thread night(review);
  night.join();
  return g_balance == 4 ? 0 : 1;
}
