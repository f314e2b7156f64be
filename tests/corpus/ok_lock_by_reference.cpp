// A helper takes the caller's lock object by reference to show that it is held, lets go of it for a while, and takes it
// back; every access is under the lock.
#include <mutex>
#include <thread>

class Buffer {
 public:
  void add(int value) {
    std::unique_lock<std::mutex> lock(mu_);
    size_ += value;
    if (size_ > 10) flush(lock);
    ++added_;
  }

  int added() {
    std::unique_lock<std::mutex> lock(mu_);
    return added_;
  }

 private:
  void flush(std::unique_lock<std::mutex>& lock) {
    size_ = 0;
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
    ++flushes_;
  }

  std::mutex mu_;
  int size_ = 0;
  int added_ = 0;
  int flushes_ = 0;
};

int main() {
  Buffer buffer;
  std::thread first([&buffer] { buffer.add(8); });
  std::thread second([&buffer] { buffer.add(7); });
  first.join();
  second.join();
  return buffer.added() == 2 ? 0 : 1;
}
