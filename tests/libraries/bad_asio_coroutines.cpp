// Asio's coroutines: a lock kept over a wait, a look that is stale after it, a task that outlives what it refers to, and
// one that nobody starts.
#include <asio.hpp>
#include <map>
#include <mutex>
#include <string>

using asio::awaitable;
using asio::use_awaitable;

std::mutex mu;
int shown = 0;

awaitable<void> show(asio::steady_timer& timer) {
  std::lock_guard<std::mutex> lock(mu);
  ++shown;
  co_await timer.async_wait(use_awaitable);  // expect: lock-across-suspend mu
}

class Cache {
 public:
  awaitable<int> get(int key, asio::steady_timer& timer) {
    if (pages_.find(key) == pages_.end()) {  // expect: stale-after-suspend Cache::pages_
      co_await timer.async_wait(use_awaitable);
      pages_[key] = ++loads_;
    }
    co_return pages_[key];
  }

 private:
  std::map<int, int> pages_;
  int loads_ = 0;
};

Cache cache;
asio::io_context io;
asio::steady_timer clockwork(io);

awaitable<void> greet(const std::string& name) {
  co_await clockwork.async_wait(use_awaitable);
  shown += name.size();
}

void welcome() {
  std::string name = "guest";
  asio::co_spawn(io, greet(name), asio::detached);  // expect: coroutine-dangling name
}

awaitable<void> naps() {
  clockwork.wait();  // expect: blocking-in-task naps
  co_return;
}

awaitable<void> forgets() {
  show(clockwork);  // expect: task-lifetime show
  co_await clockwork.async_wait(use_awaitable);
}

awaitable<void> first(int key) {
  shown += co_await cache.get(key, clockwork);
  co_await naps();
}

awaitable<void> second(int key) { shown += co_await cache.get(key, clockwork); }

int main() {
  asio::co_spawn(io, show(clockwork), asio::detached);
  asio::co_spawn(io, first(1), asio::detached);
  asio::co_spawn(io, second(1), asio::detached);
  asio::co_spawn(io, forgets(), asio::detached);
  welcome();
  io.run();
  return shown;
}
