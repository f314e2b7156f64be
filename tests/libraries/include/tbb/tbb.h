// Shape of TBB's loops and locks.
#pragma once
namespace tbb {
class spin_mutex {
 public:
  spin_mutex();
  class scoped_lock { public: scoped_lock(); explicit scoped_lock(spin_mutex&); ~scoped_lock(); void acquire(spin_mutex&); void release(); };
};
template <class I, class F> void parallel_for(I, I, const F&) {}
class task_group { public: task_group(); ~task_group(); template <class F> void run(F&&) {} void wait(); };
}  // namespace tbb
