// Shape of Abseil's mutex.
#pragma once
#include "absl/base/thread_annotations.h"
namespace absl {
class Mutex;
class Condition {
 public:
  template <class T> Condition(bool (*)(T*), T*) {}
  template <class T> Condition(const T*, bool (T::*)() const) {}
  template <class T> explicit Condition(const T*) {}
};
class __attribute__((lockable)) Mutex {
 public:
  Mutex(); ~Mutex();
  void Lock() __attribute__((exclusive_lock_function())); void Unlock() __attribute__((unlock_function()));
  bool TryLock() __attribute__((exclusive_trylock_function(true)));
  void ReaderLock() __attribute__((shared_lock_function())); void ReaderUnlock() __attribute__((unlock_function()));
  void AssertHeld() const __attribute__((assert_exclusive_lock()));
  void Await(const Condition&); void LockWhen(const Condition&) __attribute__((exclusive_lock_function()));
};
class __attribute__((scoped_lockable)) MutexLock {
 public:
  explicit MutexLock(Mutex* m) __attribute__((exclusive_lock_function(m))); ~MutexLock() __attribute__((unlock_function()));
};
class __attribute__((scoped_lockable)) ReaderMutexLock {
 public:
  explicit ReaderMutexLock(Mutex* m) __attribute__((shared_lock_function(m))); ~ReaderMutexLock() __attribute__((unlock_function()));
};
class __attribute__((scoped_lockable)) ReleasableMutexLock {
 public:
  explicit ReleasableMutexLock(Mutex* m) __attribute__((exclusive_lock_function(m))); ~ReleasableMutexLock() __attribute__((unlock_function()));
  void Release() __attribute__((unlock_function()));
};
class CondVar { public: CondVar(); ~CondVar(); void Wait(Mutex*); void Signal(); void SignalAll(); };
}  // namespace absl
