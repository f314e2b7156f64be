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

struct FutexCall {
  const int* word;
  int operation;
  int value;
  const timespec* limit;

  int command() const { return operation & FUTEX_CMD_MASK; }
  bool waits() const { return command() == FUTEX_WAIT || command() == FUTEX_WAIT_BITSET; }
  bool wakes() const { return command() == FUTEX_WAKE || command() == FUTEX_WAKE_BITSET; }
  /// FUTEX_WAIT has a duration, the other a time.
  RunTime deadline() const {
    if (limit == nullptr) return kNever;
    if (command() == FUTEX_WAIT) return runTimeIn(*limit);
    return runTimeAt((operation & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, *limit);
  }
};

/// In a controlled run. The word's value counts when the call is made; after that only a wake-up does.
long futexControlled(Thread* self, Address pc, const FutexCall& call) {
  auto word = addressOf(call.word);
  scheduleAnnounce(self, pc, call.waits() ? Operation::Wait : Operation::Wake, word);
  if (call.wakes()) return static_cast<long>(scheduleWake(self, word, static_cast<std::size_t>(call.value)));
  int failure = 0;
  if (__atomic_load_n(call.word, __ATOMIC_ACQUIRE) != call.value)
    failure = EAGAIN;
  else if (!scheduleWait(self, pc, resourceOf(protocol::ResourceKind::Futex, call.word, call.word, call.value),
                         call.deadline()))
    failure = ETIMEDOUT;
  if (failure == 0) return 0;
  errno = failure;
  return -1;
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
  FutexCall futex{word, static_cast<int>(b), expected, reinterpret_cast<const timespec*>(d)};
  if (scheduleControlled && (futex.waits() || futex.wakes())) {
    long result = futexControlled(self, DEADHEAT_CALLER_PC, futex);
    return futex.wakes() && result == 0 ? call() : result;  // Somebody may wait whom we do not know.
  }
  if (!waitsForEver(word, static_cast<int>(b), expected, d)) return call();
  return blocking(self, DEADHEAT_CALLER_PC, resourceOf(protocol::ResourceKind::Futex, word, word, expected), call);
}
