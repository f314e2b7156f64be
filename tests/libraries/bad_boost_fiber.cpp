// Boost.Fiber as it should not be: a fiber that nobody joins, one that holds a thread's lock over a switch, and one that
// sleeps with its thread.
#include <boost/fiber/all.hpp>
#include <thread>

std::mutex threadLock;
int shared = 0;

void holds() {
  std::lock_guard<std::mutex> lock(threadLock);
  ++shared;
  boost::this_fiber::yield();  // expect: lock-across-suspend threadLock
  ++shared;
}

void naps() {
  std::this_thread::sleep_for(std::chrono::milliseconds(5));  // expect: blocking-in-task naps
}

std::mutex other;
boost::fibers::condition_variable_any woken;
bool awake = false;

void dozes() {
  std::lock_guard<std::mutex> kept(threadLock);
  std::unique_lock<std::mutex> lock(other);
  woken.wait(lock, [] { return awake; });  // expect: lock-across-suspend threadLock
}

void wakes() {
  std::lock_guard<std::mutex> lock(other);
  awake = true;
  woken.notify_all();
}

void idle() { boost::this_fiber::yield(); }

int main() {
  boost::fibers::fiber holder(holds), napper(boost::fibers::launch::post, naps);
  boost::fibers::fiber dozer(dozes), waker(wakes);
  boost::fibers::fiber forgotten(idle);
  holder.join();
  dozer.join();
  waker.join();
  napper.join();
  return shared;  // expect: unjoined-thread forgotten
}
