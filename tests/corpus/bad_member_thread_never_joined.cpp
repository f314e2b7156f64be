// Nobody joins the thread of the object; its destructor ends the program.
#include <atomic>
#include <thread>

class Ticker {
 public:
  Ticker() : thread_([this] { ++ticks_; }) {}
  ~Ticker() { ticks_ = 0; }  // expect: unjoined-thread Ticker::thread_

 private:
  std::atomic<int> ticks_ = 0;
  std::thread thread_;
};

int main() {
  Ticker ticker;
  return 0;
}
