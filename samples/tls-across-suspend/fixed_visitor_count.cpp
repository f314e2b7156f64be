// Visitors are counted by fibers, which two threads carry. A fiber asks for the counter of the thread that carries it
// each time it goes on.
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

// Not in line: whose counter it is depends on who carries the fiber.
[[gnu::noinline]] void countOne() { t_visitors += 1; }

void countVisitors() {
  countOne();
  swapcontext(&g_gate.own, &g_gate.carrier);
  countOne();
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
