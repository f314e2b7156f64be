// A method that only sets a flag, too: but the thread's loop goes on until it is set, so it must run beside the thread.
#include <thread>

class Listener {
 public:
  ~Listener() { thread_.join(); }

  void setStopped(bool stopped) { stopped_ = stopped; }  // expect: plain-flag-sync Listener::stopped_

  void start() {
    thread_ = std::thread([this] { run(); });
  }

 private:
  void run() {
    while (!stopped_) ++turns_;
  }

  bool stopped_ = false;
  long turns_ = 0;
  std::thread thread_;
};
