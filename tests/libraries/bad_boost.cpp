// Boost.Thread: a counter that one of two threads changes without the lock, and a table that is written under an upgrade
// lock before the upgrade.
#include <boost/thread.hpp>

boost::mutex mu;
int served = 0;

boost::shared_mutex tableLock;
int entries = 0;

void serve() {
  boost::lock_guard<boost::mutex> guard(mu);
  ++served;  // allow: data-race served
}

void reset() {
  served = 0;  // expect: data-race served
}

void refresh(bool stale) {
  boost::upgrade_lock<boost::shared_mutex> looking(tableLock);
  entries = stale ? 0 : entries;  // expect: write-under-shared-lock entries
  boost::upgrade_to_unique_lock<boost::shared_mutex> writing(looking);
  ++entries;  // allow: data-race entries
}

int count() {
  boost::shared_lock<boost::shared_mutex> reading(tableLock);
  return entries;  // allow: data-race entries
}

int main() {
  boost::thread_group group;
  group.create_thread(serve);
  group.create_thread(reset);
  group.create_thread([] { refresh(true); });
  group.create_thread([] { count(); });
  group.join_all();
  return served;
}
