// verdict: confirmed
// shows: rarely
//
// Timers ring on the thread that works them off. Whoever no longer wants to hear one takes it back from his own thread, at
// the moment it may be ringing.
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

class TimerThread {
 public:
  TimerThread() : thread_([this] { run(); }) {}
  ~TimerThread() {
    expire({});
    thread_.join();
  }

  void expire(std::function<void()> handler) {
    std::lock_guard<std::mutex> lock(mu_);
    due_.push_back(std::move(handler));
    changed_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mu_);
      changed_.wait(lock, [this] { return !due_.empty(); });
      std::function<void()> handler = std::move(due_.front());
      due_.pop_front();
      lock.unlock();
      if (!handler) return;
      handler();
    }
  }

  std::mutex mu_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> due_;
  std::thread thread_;
};

class EggTimer {
 public:
  explicit EggTimer(TimerThread& timers) : timers_(timers) {}

  void start() {
    timers_.expire([this] {
      if (!cancelled_) ++rung_;  // expect: executor-affinity EggTimer::cancelled_
    });
  }
  void cancel() { cancelled_ = true; }  // expect: executor-affinity EggTimer::cancelled_

 private:
  TimerThread& timers_;
  bool cancelled_ = false;
  int rung_ = 0;
};

int boil(EggTimer& egg) {
  egg.start();
  egg.cancel();
  return 0;
}

int main() {
  TimerThread* timers = new TimerThread;
  EggTimer egg(*timers);
  const int result = boil(egg);
  delete timers;
  std::puts("eggs are ready");
  return result;
}
