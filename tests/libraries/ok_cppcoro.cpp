// cppcoro as it should be: an asynchronous mutex held over a suspension, tasks awaited together, a scope that is joined.
#include <cppcoro/all.hpp>
#include <string>

cppcoro::static_thread_pool pool(4);
cppcoro::async_manual_reset_event ready;
cppcoro::async_mutex mutex;
int total = 0;

cppcoro::task<> add(int what) {
  co_await pool.schedule();
  auto lock = co_await mutex.scoped_lock_async();
  total += what;
  co_await ready;
  total += what;
}

cppcoro::task<> byHand() {
  co_await mutex.lock_async();
  ++total;
  co_await ready;
  mutex.unlock();
}

cppcoro::task<> greet(const std::string& name) {
  co_await ready;
  auto lock = co_await mutex.scoped_lock_async();
  total += name.size();
}

cppcoro::task<> welcome() {
  std::string name = "guest";
  cppcoro::async_scope scope;
  scope.spawn(greet(name));
  co_await scope.join();
}

int main() {
  ready.set();
  cppcoro::sync_wait(cppcoro::when_all(add(1), add(2), byHand(), welcome()));
  return total;
}
