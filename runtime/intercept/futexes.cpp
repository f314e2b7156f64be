// Futexes a program uses by itself: std::atomic::wait, std::latch, std::counting_semaphore and std::future in libstdc++
// wait with syscall(SYS_futex). The atomics beside them carry the order; here is only the wait.
//
// libstdc++ leaves the private flag out, so it does not tell whether another process may wake the waiter.
#include <linux/futex.h>
#include <sys/syscall.h>

#include "runtime/intercept/locking.h"

namespace deadheat::rt {
namespace {

/// True for a wait without a time limit that will really wait.
bool waitsForEver(const int* word, int operation, int expected, long limit) {
  int command = operation & FUTEX_CMD_MASK;
  return limit == 0 && (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) &&
         __atomic_load_n(word, __ATOMIC_RELAXED) == expected;
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(long, syscall, (long number, long a, long b, long c, long d, long e, long f)) {
  auto call = [=] { return real_syscall(number, a, b, c, d, e, f); };
  Thread* self = currentThread();
  if (self == nullptr || number != SYS_futex) return call();
  // Operation and value are ints to the kernel; the upper halves of their registers hold anything.
  const auto* word = reinterpret_cast<const int*>(a);
  int expected = static_cast<int>(c);
  if (!waitsForEver(word, static_cast<int>(b), expected, d)) return call();
  return blocking(self, DEADHEAT_CALLER_PC, resourceOf(protocol::ResourceKind::Futex, word, word, expected), call);
}
