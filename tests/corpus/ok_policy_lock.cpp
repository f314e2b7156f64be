// The lock is a template parameter: with a real one the queue is shared, with an empty one a thread has it for itself.
#include <mutex>
#include <thread>

struct NoLock {
  void lock() {}
  void unlock() {}
};

template <class Lock>
class Queue {
 public:
  void push() {
    std::lock_guard<Lock> guard(lock_);
    ++size_;
  }
  int size() {
    std::lock_guard<Lock> guard(lock_);
    return size_;
  }

 private:
  Lock lock_;
  int size_ = 0;
};

template <class Derived>
class Locked {
 public:
  void enter() { self().mutex().lock(); }
  void leave() { self().mutex().unlock(); }

 private:
  Derived& self() { return static_cast<Derived&>(*this); }
};

class Meter : public Locked<Meter> {
 public:
  std::mutex& mutex() { return mu_; }
  void tick() {
    enter();
    ++ticks_;
    leave();
  }
  int ticks() {
    std::lock_guard<std::mutex> guard(mu_);
    return ticks_;
  }

 private:
  std::mutex mu_;
  int ticks_ = 0;
};

int main() {
  Queue<std::mutex> shared;
  Meter meter;
  std::thread a([&] {
    Queue<NoLock> own;
    own.push();
    shared.push();
    meter.tick();
    own.size();
  });
  Queue<NoLock> own;
  own.push();
  const int seen = shared.size() + meter.ticks() + own.size();
  a.join();
  return seen;
}
