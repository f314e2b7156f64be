// A static counter under a lock that every object has for itself.
#include <mutex>
#include <thread>

class Socket {
 public:
  void open() {
    std::lock_guard<std::mutex> lock(mu_);
    open_ = true;
    ++count_;  // expect: data-race Socket::count_
  }

 private:
  static int count_;
  std::mutex mu_;
  bool open_ = false;
};

int Socket::count_ = 0;

int main() {
  Socket a;
  Socket b;
  std::thread first([&a] { a.open(); });
  std::thread second([&b] { b.open(); });
  first.join();
  second.join();
  return 0;
}
