// A download: the viewer waits until the first part has arrived. The loader takes the lock to say so, though the flag
// is atomic: no change can come between the viewer's test and its sleep.
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

class Download {
 public:
  void load() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      part_ = "chapter one";
      ready_ = true;
    }
    arrived_.notify_one();
  }

  std::string view() {
    std::unique_lock<std::mutex> lock(mutex_);
    arrived_.wait(lock, [this] { return ready_.load(); });
    return part_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::atomic<bool> ready_ = false;
  std::string part_;
};

int main() {
  Download download;
  std::thread loader([&] { download.load(); });
  const std::string part = download.view();
  loader.join();
  std::printf("showing %s\n", part.c_str());
  return part.empty() ? 1 : 0;
}
