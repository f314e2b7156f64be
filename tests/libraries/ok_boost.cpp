// Boost.Thread as it should be: upgraded locks, a condition, std-like deadlock avoidance, a group that is joined.
#include <boost/thread.hpp>

boost::mutex mu, other;
boost::condition_variable ready;
boost::shared_mutex tableLock;
int served = 0;
int entries = 0;
bool started = false;

void refresh() {
  boost::upgrade_lock<boost::shared_mutex> looking(tableLock);
  if (entries > 10) return;
  boost::upgrade_to_unique_lock<boost::shared_mutex> writing(looking);
  ++entries;
}

int count() {
  boost::shared_lock<boost::shared_mutex> reading(tableLock);
  return entries;
}

void serve() {
  boost::unique_lock<boost::mutex> lock(mu);
  ready.wait(lock, [] { return started; });
  ++served;
}

void start() {
  boost::lock_guard<boost::mutex> guard(mu);
  started = true;
  ready.notify_all();
}

void both() {
  boost::lock(other, mu);
  boost::lock_guard<boost::mutex> first(mu, boost::adopt_lock), second(other, boost::adopt_lock);
  ++served;
}

int main() {
  boost::thread_group group;
  group.create_thread(serve);
  group.create_thread(start);
  group.create_thread(both);
  group.create_thread(refresh);
  group.create_thread([] { count(); });
  group.join_all();
  entries = 0;
  return served;
}
