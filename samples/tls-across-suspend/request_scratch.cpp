// verdict: confirmed
// A request is begun on the main thread and goes on on a worker. It takes a scratch buffer of the thread's own along.
#include <coroutine>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>

std::thread g_worker;
std::string g_answer;
thread_local std::string t_scratch;

// Whoever awaits it goes on on a thread of its own.
struct OnWorker {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) {
    g_worker = std::thread([task] { task.resume(); });
  }
  void await_resume() noexcept {}
};

struct Job {
  struct promise_type {
    Job get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

Job handle() {
  std::string* buffer = &t_scratch;
  *buffer = "request";
  co_await OnWorker{};
  *buffer += " done";  // expect: tls-across-suspend t_scratch
  g_answer = *buffer;
}

int main() {
  handle();
  g_worker.join();
  std::printf("%s\n", g_answer.c_str());
  return g_answer == "request done" ? 0 : 1;
}
