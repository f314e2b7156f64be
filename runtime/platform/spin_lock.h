// The runtime's own lock: short sections, no fairness, nothing but an int in memory.
#pragma once

#include "runtime/platform/futex.h"

namespace deadheat::rt {

/// Spins for a while, then sleeps. All-zero bytes are an open lock. Never held while user code runs.
class SpinLock {
 public:
  constexpr SpinLock() = default;

  void lock() {
    for (int i = 0; i < kSpins; ++i) {
      if (tryLock()) return;
      __builtin_ia32_pause();
    }
    while (__atomic_exchange_n(&state_, kAwaited, __ATOMIC_ACQUIRE) != kOpen) futexWait(&state_, kAwaited);
  }

  bool tryLock() {
    int open = kOpen;
    return __atomic_compare_exchange_n(&state_, &open, kTaken, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
  }

  void unlock() {
    if (__atomic_exchange_n(&state_, kOpen, __ATOMIC_RELEASE) == kAwaited) futexWakeAll(&state_);
  }

  /// In the child of a fork: whoever held it does not exist any more.
  void reset() {
    if (state_ != kOpen) __atomic_store_n(&state_, kOpen, __ATOMIC_RELEASE);
  }

 private:
  static constexpr int kOpen = 0;
  static constexpr int kTaken = 1;
  static constexpr int kAwaited = 2;
  static constexpr int kSpins = 100;

  int state_ = kOpen;
};

/// A lock for objects there are many of, held for a few instructions: opening it is a plain store. Waiters yield.
class TinyLock {
 public:
  void lock() {
    for (int i = 0; !tryLock(); ++i) {
      if (i < kSpins)
        __builtin_ia32_pause();
      else
        rawSyscall(SYS_sched_yield);
    }
  }
  bool tryLock() { return __atomic_exchange_n(&taken_, 1, __ATOMIC_ACQUIRE) == 0; }
  void unlock() { __atomic_store_n(&taken_, 0, __ATOMIC_RELEASE); }
  /// Somebody held it a moment ago.
  bool taken() const { return __atomic_load_n(&taken_, __ATOMIC_ACQUIRE) != 0; }
  /// As SpinLock's.
  void reset() { unlock(); }

 private:
  static constexpr int kSpins = 50;

  int taken_ = 0;
};

class SpinGuard {
 public:
  explicit SpinGuard(SpinLock& lock) : lock_(lock) { lock_.lock(); }
  ~SpinGuard() { lock_.unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

}  // namespace deadheat::rt
