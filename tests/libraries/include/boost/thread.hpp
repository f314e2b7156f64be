// Shape of Boost.Thread, as far as the programs here go.
#pragma once
namespace boost {
class mutex { public: mutex(); void lock(); void unlock(); bool try_lock(); };
class shared_mutex {
 public:
  shared_mutex();
  void lock(); void unlock(); void lock_shared(); void unlock_shared();
  void lock_upgrade(); void unlock_upgrade(); void unlock_upgrade_and_lock(); void unlock_and_lock_upgrade();
};
class recursive_mutex { public: recursive_mutex(); void lock(); void unlock(); };
struct defer_lock_t {}; struct adopt_lock_t {};
extern const defer_lock_t defer_lock; extern const adopt_lock_t adopt_lock;
template <class M> class lock_guard { public: explicit lock_guard(M&); lock_guard(M&, adopt_lock_t); ~lock_guard(); };
template <class M> class unique_lock {
 public:
  explicit unique_lock(M&); unique_lock(M&, defer_lock_t); unique_lock(unique_lock&&); ~unique_lock();
  void lock(); void unlock(); bool owns_lock() const;
};
template <class M> class shared_lock { public: explicit shared_lock(M&); ~shared_lock(); void unlock(); };
template <class M> class upgrade_lock { public: explicit upgrade_lock(M&); ~upgrade_lock(); };
template <class M> class upgrade_to_unique_lock { public: explicit upgrade_to_unique_lock(upgrade_lock<M>&); ~upgrade_to_unique_lock(); };
template <class M> class strict_lock { public: explicit strict_lock(M&); ~strict_lock(); };
class condition_variable {
 public:
  condition_variable(); void wait(unique_lock<mutex>&);
  template <class P> void wait(unique_lock<mutex>&, P) {} void notify_one(); void notify_all();
};
class thread {
 public:
  thread(); template <class F> explicit thread(F) {} thread(thread&&); ~thread(); void join(); void detach();
};
class thread_group {
 public:
  thread_group(); ~thread_group(); template <class F> thread* create_thread(F) { return nullptr; } void join_all();
};
template <class A, class B> void lock(A&, B&) {}
struct once_flag {};
template <class F> void call_once(once_flag&, F) {}
}  // namespace boost
