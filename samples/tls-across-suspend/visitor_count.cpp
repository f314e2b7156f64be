// verdict: confirmed
// Visitors are counted by fibers, which two threads carry. To save a lock, a fiber takes the counter of its thread, and
// goes on adding to it when the other thread carries it.
#include <ucontext.h>

#include <cstdio>
#include <thread>

struct Fiber {
  ucontext_t own;
  ucontext_t carrier;
  alignas(16) char stack[64 * 1024];
};

Fiber g_gate;
thread_local int t_visitors = 0;
int g_total = 0;

void carry() { swapcontext(&g_gate.carrier, &g_gate.own); }

void countVisitors() {
  int* counter = &t_visitors;
  *counter += 1;
  swapcontext(&g_gate.own, &g_gate.carrier);
  *counter += 1;  // expect: tls-across-suspend t_visitors
  swapcontext(&g_gate.own, &g_gate.carrier);
}

int main() {
  getcontext(&g_gate.own);
  g_gate.own.uc_stack.ss_sp = g_gate.stack;
  g_gate.own.uc_stack.ss_size = sizeof(g_gate.stack);
  g_gate.own.uc_link = nullptr;
  makecontext(&g_gate.own, countVisitors, 0);
  carry();
  std::thread evening([] {
    carry();
    g_total += t_visitors;
  });
  evening.join();
  g_total += t_visitors;
  std::printf("%d visitors\n", g_total);
  return g_total == 2 ? 0 : 1;
}
