// A server swaps its configuration while it runs; the shared_ptr that names the current one is copied and assigned
// under a lock, and the configuration behind it never changes.
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

class Config {
 public:
  Config(int workers, int timeoutMillis) : workers_(workers), timeoutMillis_(timeoutMillis) {}

  int workers() const { return workers_; }
  int timeoutMillis() const { return timeoutMillis_; }

 private:
  const int workers_;
  const int timeoutMillis_;
};

class ConfigStore {
 public:
  ConfigStore() : current_(std::make_shared<const Config>(4, 250)) {}

  std::shared_ptr<const Config> current() const {
    std::lock_guard<std::mutex> lock(mu_);
    return current_;
  }

  void reload(int workers, int timeoutMillis) {
    auto next = std::make_shared<const Config>(workers, timeoutMillis);
    std::lock_guard<std::mutex> lock(mu_);
    current_ = std::move(next);
  }

 private:
  mutable std::mutex mu_;
  std::shared_ptr<const Config> current_;
};

// Requests come in during the first moments.
void answerRequests(const ConfigStore& store) {
  for (int request = 0; request < 3; ++request) {
    auto config = store.current();
    if (config->workers() <= 0 || config->timeoutMillis() <= 0) std::printf("bad configuration\n");
  }
}

// The operator sends a reload somewhat later.
void watchFile(ConfigStore& store) {
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  store.reload(8, 100);
}

int main() {
  ConfigStore store;
  std::thread requests([&store] { answerRequests(store); });
  std::thread watcher([&store] { watchFile(store); });
  requests.join();
  watcher.join();

  auto config = store.current();
  std::printf("%d workers, timeout %d ms\n", config->workers(), config->timeoutMillis());
  return config->workers() == 8 ? 0 : 1;
}
