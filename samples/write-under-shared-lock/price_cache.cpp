// verdict: confirmed
// shows: rarely
//
// A price cache in front of a slow catalogue. Look-ups only share the lock, yet they count their hits under it: two
// readers at once may lose a hit.
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>

class PriceCache {
 public:
  void put(const std::string& item, int cents) {
    std::unique_lock<std::shared_mutex> lock(mu_);
    prices_[item] = cents;
  }

  std::optional<int> find(const std::string& item) {
    std::shared_lock<std::shared_mutex> lock(mu_);
    auto it = prices_.find(item);
    if (it == prices_.end()) return std::nullopt;
    ++hits_;  // expect: write-under-shared-lock PriceCache::hits_
    return it->second;
  }

  long hits() {
    std::unique_lock<std::shared_mutex> lock(mu_);
    return hits_;
  }

 private:
  std::shared_mutex mu_;
  std::map<std::string, int> prices_;
  long hits_ = 0;
};

// The till asks for three prices as soon as the shop opens.
void ringUp(PriceCache& cache) {
  for (const char* item : {"bread", "milk", "salt"}) cache.find(item);
}

// The web shop syncs its front page a little later.
void refreshFrontPage(PriceCache& cache) {
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  for (const char* item : {"bread", "milk"}) cache.find(item);
}

int main() {
  PriceCache cache;
  cache.put("bread", 289);
  cache.put("milk", 119);
  cache.put("salt", 59);

  std::thread till([&cache] { ringUp(cache); });
  std::thread web([&cache] { refreshFrontPage(cache); });
  till.join();
  web.join();

  const long hits = cache.hits();
  std::printf("5 look-ups, %ld hits\n", hits);
  return hits == 5 ? 0 : 1;
}
