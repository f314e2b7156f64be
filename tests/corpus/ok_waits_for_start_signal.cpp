// The constructor starts the thread, which waits for a word before it changes what the constructor sets. One who made
// the object ends it with its thread.
#include <cstdio>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

class Engine {
 public:
  Engine() : thread_([this] { turn(); }) { state_ = ready_.get_future().get(); }
  ~Engine() {
    start();
    thread_.join();
  }
  void start() {
    std::call_once(once_, [this] { started_.set_value(); });
  }

 private:
  void turn() {
    ready_.set_value(std::make_shared<int>(1));
    auto word = started_.get_future();
    word.get();
    std::lock_guard<std::mutex> lock(mu_);
    state_ = nullptr;
  }

  std::mutex mu_;
  std::shared_ptr<int> state_;
  std::promise<std::shared_ptr<int>> ready_;
  std::promise<void> started_;
  std::once_flag once_;
  std::thread thread_;
};

int main() {
  Engine engine;
  engine.start();
  std::puts("started");
}
