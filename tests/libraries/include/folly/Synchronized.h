// Shape of folly's synchronised values.
#pragma once
namespace folly {
class SharedMutex { public: SharedMutex(); void lock(); void unlock(); void lock_shared(); void unlock_shared(); };
class SpinLock { public: SpinLock(); void lock() const; void unlock() const; bool try_lock() const; };
template <class T> class LockedPtr {
 public:
  LockedPtr(); LockedPtr(LockedPtr&&); ~LockedPtr(); T* operator->() const; T& operator*() const; void unlock();
};
template <class T> class Synchronized {
 public:
  Synchronized(); LockedPtr<T> wlock(); LockedPtr<const T> rlock() const;
  template <class F> auto withWLock(F&& f) { return f(*(T*)nullptr); }
  template <class F> auto withRLock(F&& f) const { return f(*(const T*)nullptr); }
};
}  // namespace folly
