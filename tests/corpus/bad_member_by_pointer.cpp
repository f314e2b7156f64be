// The member is named by a pointer to member.
#include <thread>

struct Totals {
  int in = 0;
  int out = 0;
};

Totals g_totals;

void add(int Totals::*which) { g_totals.*which += 1; }  // expect: data-race g_totals

int main() {
  std::thread counter([] { g_totals.in += 2; });  // expect: data-race g_totals
  add(&Totals::in);
  counter.join();
  return g_totals.in == 3 ? 0 : 1;
}
