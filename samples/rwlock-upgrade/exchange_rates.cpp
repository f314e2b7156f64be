// verdict: confirmed
// shows: often
//
// Exchange rates that are looked up under a shared lock. A currency nobody asked for yet is filled in by a function
// that takes the lock for writing while its caller still reads: it waits for all readers to go, and is one of them.
#include <cstdio>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

class ExchangeRates {
 public:
  double rate(const std::string& currency) {
    std::shared_lock<std::shared_mutex> lock(mu_);
    auto known = rates_.find(currency);
    if (known == rates_.end()) return load(currency);
    return known->second;
  }

 private:
  double load(const std::string& currency) {
    std::unique_lock<std::shared_mutex> lock(mu_);  // expect: rwlock-upgrade ExchangeRates::mu_
    return rates_[currency] = 1.0 + static_cast<double>(currency.size()) / 10.0;
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
