// verdict: confirmed
// shows: often
//
// An actor works off its mailbox on a thread of its own. When a dog checks in, it asks itself for the number of free boxes
// and waits for the answer, which is in the mailbox behind the message that it is working on.
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

class Actor {
 public:
  Actor() : thread_([this] { run(); }) {}
  ~Actor() {
    send({});
    thread_.join();
  }

  void send(std::function<void()> message) {
    std::lock_guard<std::mutex> lock(mu_);
    mailbox_.push_back(std::move(message));
    arrived_.notify_one();
  }

  std::future<int> ask(std::function<int()> question) {
    auto task = std::make_shared<std::packaged_task<int()>>(std::move(question));
    std::future<int> answer = task->get_future();
    send([task] { (*task)(); });
    return answer;
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mu_);
      arrived_.wait(lock, [this] { return !mailbox_.empty(); });
      std::function<void()> message = std::move(mailbox_.front());
      mailbox_.pop_front();
      lock.unlock();
      if (!message) return;
      message();
    }
  }

  std::mutex mu_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> mailbox_;
  std::thread thread_;
};

class Kennel {
 public:
  void checkIn() {
    actor_.send([this] {
      std::future<int> left = actor_.ask([this] { return free_; });
      if (left.get() > 0) --free_;  // expect: future-deadlock left
    });
  }

  int freeBoxes() {
    return actor_.ask([this] { return free_; }).get();
  }

 private:
  int free_ = 3;
  Actor actor_;
};

int main() {
  Kennel kennel;
  kennel.checkIn();
  std::printf("%d boxes are free\n", kennel.freeBoxes());
  return 0;
}
