// Futexes a program uses by itself: std::atomic::wait, std::latch, std::counting_semaphore and std::future in libstdc++
// wait with syscall(SYS_futex). The atomics beside them carry the order; here is only the wait.
#include <linux/futex.h>
#include <sys/syscall.h>

#include "runtime/intercept/locking.h"

namespace deadheat::rt {
namespace {

/// True for a wait of this process without a time limit that will really wait.
bool waitsForEver(long number, const int* word, long operation, long expected, long limit) {
  if (number != SYS_futex || limit != 0 || (operation & FUTEX_PRIVATE_FLAG) == 0) return false;
  long command = operation & FUTEX_CMD_MASK;
  return (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) &&
         __atomic_load_n(word, __ATOMIC_RELAXED) == static_cast<int>(expected);
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(long, syscall, (long number, long a, long b, long c, long d, long e, long f)) {
  auto call = [=] { return real_syscall(number, a, b, c, d, e, f); };
  Thread* self = currentThread();
  if (self == nullptr || !waitsForEver(number, reinterpret_cast<const int*>(a), b, c, d)) return call();
  return blocking(self, DEADHEAT_CALLER_PC, protocol::ResourceKind::Futex, static_cast<Address>(a), call);
}
