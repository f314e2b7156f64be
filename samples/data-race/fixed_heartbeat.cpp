// A client hears from its server, and a timer counts how long it has not. Both run on the client's loop, which had two
// threads. What they share has a lock.
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#ifdef __clang__
#define MODEL(text) __attribute__((annotate("deadheat: " text)))  // As deadheat/annotations.h has it.
#else
#define MODEL(text)
#endif

class MODEL("kind: executor") Loop {
 public:
  MODEL("effect: spawn, entry: 0, where: pool, handle: this") void post(std::function<void()> task) {
    std::lock_guard<std::mutex> lock(mu_);
    tasks_.push_back(std::move(task));
  }
  // Until nothing is left.
  MODEL("effect: run") void run() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mu_);
      if (tasks_.empty()) return;
      std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

 private:
  std::mutex mu_;
  std::deque<std::function<void()>> tasks_;
};

class Client {
 public:
  explicit Client(Loop& loop) : loop_(loop) {}
  void start() {
    loop_.post([this] { tick(); });
    loop_.post([this] { heard(); });
  }
  int missed() {
    std::lock_guard<std::mutex> lock(mu_);
    return missed_;
  }

 private:
  void tick() {
    std::lock_guard<std::mutex> lock(mu_);
    ++missed_;
  }
  void heard() {
    std::lock_guard<std::mutex> lock(mu_);
    missed_ = 0;
  }

  Loop& loop_;
  std::mutex mu_;
  int missed_ = 0;
};

int main() {
  Loop loop;
  Client client(loop);
  client.start();
  std::thread second([&loop] { loop.run(); });
  loop.run();
  second.join();
  std::printf("%s\n", client.missed() <= 1 ? "still in touch" : "?");
  return 0;
}
