// A value that carries its lock: every use goes through a pointer that holds it.
#include <boost/thread/synchronized_value.hpp>

struct Totals {
  int requests = 0;
  int errors = 0;
};

boost::synchronized_value<Totals> totals;

void request() { totals->requests += 1; }

void error() {
  auto held = totals.synchronize();
  held->errors += 1;
  held->requests += 1;
}

int main() {
  boost::thread a(request), b(error);
  a.join();
  b.join();
  return totals->errors;
}
