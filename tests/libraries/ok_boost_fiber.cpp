// Boost.Fiber as it should be: fibers of one thread that share data between switches, hold their own mutexes across one,
// sleep as fibers do, and hand results over.
#include <boost/fiber/all.hpp>
#include <thread>

boost::fibers::mutex mu;
boost::fibers::condition_variable ready;
bool started = false;
int served = 0;
int turns = 0;

void turn(int times) {
  for (int i = 0; i < times; ++i) {
    ++turns;
    boost::this_fiber::yield();
  }
}

void serve() {
  std::unique_lock<boost::fibers::mutex> lock(mu);
  ready.wait(lock, [] { return started; });
  ++served;
  boost::this_fiber::yield();
  ++served;
}

void start() {
  boost::this_fiber::sleep_for(std::chrono::milliseconds(1));
  std::unique_lock<boost::fibers::mutex> lock(mu);
  started = true;
  ready.notify_all();
}

void answer(boost::fibers::promise<int>* promise, int value) { promise->set_value(value); }

int ask() {
  boost::fibers::promise<int> promise;
  boost::fibers::future<int> future = promise.get_future();
  boost::fibers::fiber(boost::fibers::launch::dispatch, answer, &promise, 7).detach();
  return future.get();
}

// The lock of the thread is given back while the fiber waits.
std::mutex counting;
boost::fibers::condition_variable_any counted;
int left = 1;

void countDown() {
  std::lock_guard<std::mutex> lock(counting);
  if (--left == 0) counted.notify_all();
}

void waitForCount() {
  std::unique_lock<std::mutex> lock(counting);
  counted.wait(lock, [] { return left == 0; });
}

void waitFor(boost::fibers::fiber& other) { other.join(); }

int main() {
  boost::fibers::fiber first(turn, 3), second(boost::fibers::launch::post, turn, 4);
  boost::fibers::fiber server(serve), starter(start);
  boost::fibers::fiber last(waitFor, std::ref(second));
  std::thread counter(countDown);
  waitForCount();
  counter.join();
  first.join();
  server.join();
  starter.join();
  last.join();
  return turns + served + ask();
}
