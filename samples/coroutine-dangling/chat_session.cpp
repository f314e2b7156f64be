// verdict: confirmed
//
// A chat server answers its clients on the thread of its event loop. Each client has a session, whose coroutine nobody waits
// for: the function that holds
// the session may be over before the loop goes on with it.
#include <condition_variable>
#include <coroutine>
#include <cstdio>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

// Goes on with coroutines, one after the other, on its own thread.
class Loop {
 public:
  Loop() : thread_([this] { run(); }) {}
  ~Loop() {
    post({});
    thread_.join();
  }

  void post(std::coroutine_handle<> task) {
    std::lock_guard<std::mutex> lock(mu_);
    tasks_.push_back(task);
    posted_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mu_);
      posted_.wait(lock, [this] { return !tasks_.empty(); });
      const std::coroutine_handle<> task = tasks_.front();
      tasks_.pop_front();
      lock.unlock();
      if (!task) return;
      task.resume();
    }
  }

  std::mutex mu_;
  std::condition_variable posted_;
  std::deque<std::coroutine_handle<>> tasks_;
  std::thread thread_;
};

// Whoever awaits it goes on in the loop.
struct Turn {
  Loop& loop;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) { loop.post(task); }
  void await_resume() const noexcept {}
};

// A coroutine that starts at once and ends by itself.
struct Job {
  struct promise_type {
    Job get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

int g_sent = 0;

struct Session {
  int client;
  int questions;
};

Job answer(Loop& loop, Session& session) {
  co_await Turn{loop};
  g_sent += session.client;  // expect: coroutine-dangling session
}

[[gnu::noinline]] void serve(Loop& loop, int client) {
  Session session{client, 1};
  if (session.questions > 0) answer(loop, session);
}  // expect: coroutine-dangling session

int main() {
  {
    Loop loop;
    serve(loop, 1);
  }
  std::printf("%s\n", g_sent > 0 ? "answered" : "?");
  return 0;
}
