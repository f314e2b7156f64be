// folly::coro as it should be: an asynchronous mutex held over a suspension, tasks awaited together, a scope that is joined.
#include <folly/coro/all.h>
#include <string>

folly::Executor* executor;
folly::coro::Baton ready;
folly::coro::Mutex mutex;
int total = 0;

folly::coro::Task<> add(int what) {
  co_await folly::coro::sleep(std::chrono::milliseconds(1));
  auto lock = co_await mutex.co_scoped_lock();
  total += what;
  co_await ready;
  total += what;
}

folly::coro::Task<> byHand() {
  co_await mutex.co_lock();
  ++total;
  co_await ready;
  mutex.unlock();
}

folly::coro::Task<> greet(const std::string& name) {
  co_await ready;
  auto lock = co_await mutex.co_scoped_lock();
  total += name.size();
}

folly::coro::Task<> welcome() {
  std::string name = "guest";
  folly::coro::AsyncScope scope;
  scope.add(folly::coro::co_withExecutor(executor, greet(name)));
  co_await scope.joinAsync();
}

int main() {
  ready.post();
  folly::coro::blockingWait(folly::coro::collectAll(add(1), add(2), byHand(), welcome()));
  return total;
}
