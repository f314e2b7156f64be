// verdict: confirmed
// A download: the viewer waits until the first part has arrived. The flag is atomic, so the loader sets it without the
// lock; flag and signal can both come between the viewer's test and its sleep.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

class Download {
 public:
  void load() {
    part_ = "chapter one";
    ready_ = true;  // expect: lost-wakeup Download::arrived_
    arrived_.notify_one();  // allow: lost-wakeup Download::arrived_
  }

  std::string view() {
    std::unique_lock<std::mutex> lock(mutex_);
    arrived_.wait(lock, [this] { return ready_.load(); });  // allow: lost-wakeup Download::arrived_
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
