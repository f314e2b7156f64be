// verdict: confirmed
// shows: rarely
//
// A server swaps its configuration while it runs. The configuration itself never changes, but the shared_ptr that
// names the current one is copied by the workers while the reload assigns it. In some schedules they go on with what the
// pointer held in between: a configuration, or its reference count, that is being made or was freed.
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>

class Config {
 public:
  Config(int workers, int timeoutMillis)
      : workers_(workers),                              // allow: data-race Config::workers_
        timeoutMillis_(timeoutMillis) {}                // allow: data-race Config::timeoutMillis_
  int workers() const { return workers_; }              // allow: data-race Config::workers_
  int timeoutMillis() const { return timeoutMillis_; }  // allow: data-race Config::timeoutMillis_

 private:
  const int workers_;
  const int timeoutMillis_;
};

class ConfigStore {
 public:
  ConfigStore() : current_(std::make_shared<const Config>(4, 250)) {}

  std::shared_ptr<const Config> current() const {
    return current_;  // expect: shared-ptr-race ConfigStore::current_ // allow: data-race memory
  }

  void reload(int workers, int timeoutMillis) {
    auto next = std::make_shared<const Config>(workers, timeoutMillis);  // allow: data-race memory
    current_ = std::move(next);  // expect: shared-ptr-race ConfigStore::current_ // allow: data-race memory
  }

 private:
  std::shared_ptr<const Config> current_;
};

// Requests come in during the first moments.
void answerRequests(const ConfigStore& store) {
  for (int request = 0; request < 3; ++request) {
    auto config = store.current();
    if (config->workers() <= 0 || config->timeoutMillis() <= 0) std::printf("bad configuration\n");
  }  // allow: data-race memory
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
