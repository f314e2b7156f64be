// verdict: confirmed
// shows: often
//
// Passengers and the ferryman are fibers of one thread. The passenger waits for the ferry with a condition, which puts
// the thread to sleep that would have to run the ferryman.
#include <ucontext.h>

#include <condition_variable>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>

// Fibers that take turns on the thread that carries them.
class Carrier {
 public:
  void start(void (*run)()) {
    fibers_.push_back(std::make_unique<Fiber>());
    Fiber* fiber = fibers_.back().get();
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack;
    fiber->context.uc_stack.ss_size = sizeof(fiber->stack);
    fiber->context.uc_link = &own_;
    makecontext(&fiber->context, run, 0);
    ready_.push_back(fiber);
  }

  void carry() {
    while (!ready_.empty()) {
      current_ = ready_.front();
      ready_.pop_front();
      swapcontext(&own_, &current_->context);
    }
  }

  void yield() {
    ready_.push_back(current_);
    swapcontext(&current_->context, &own_);
  }

 private:
  struct Fiber {
    ucontext_t context;
    alignas(16) char stack[64 * 1024];
  };

  ucontext_t own_;
  Fiber* current_ = nullptr;
  std::deque<Fiber*> ready_;
  std::deque<std::unique_ptr<Fiber>> fibers_;
};

Carrier g_river;
std::mutex g_pier;
std::condition_variable g_landed;
bool g_ferryIsHere = false;

void board() {
  std::unique_lock<std::mutex> lock(g_pier);
  g_landed.wait(lock, [] { return g_ferryIsHere; });  // expect: blocking-in-task board
  std::puts("on board");
}

void cross() {
  std::lock_guard<std::mutex> lock(g_pier);
  g_ferryIsHere = true;
  g_landed.notify_all();
}

int main() {
  g_river.start(board);
  g_river.start(cross);
  g_river.carry();
  return 0;
}
