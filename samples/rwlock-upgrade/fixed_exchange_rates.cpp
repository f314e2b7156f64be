// Exchange rates that are looked up under a shared lock; it is given back before a missing one is filled in under the
// exclusive lock, which looks again, since somebody may have been faster.
#include <cstdio>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

class ExchangeRates {
 public:
  double rate(const std::string& currency) {
    {
      std::shared_lock<std::shared_mutex> lock(mu_);
      auto known = rates_.find(currency);
      if (known != rates_.end()) return known->second;
    }
    return load(currency);
  }

 private:
  double load(const std::string& currency) {
    std::unique_lock<std::shared_mutex> lock(mu_);
    auto [entry, isNew] = rates_.try_emplace(currency, 0.0);
    if (isNew) entry->second = 1.0 + static_cast<double>(currency.size()) / 10.0;
    return entry->second;
  }

  std::shared_mutex mu_;
  std::map<std::string, double> rates_;
};

int main() {
  ExchangeRates rates;
  double total = 0;
  std::thread trader([&] { total = rates.rate("EUR") + rates.rate("NOK"); });
  trader.join();
  std::printf("%.2f\n", total);
  return 0;
}
