// A download tells its observers how far it is: it copies the list under the lock and calls them without it, so that an
// observer may take itself off.
#include <atomic>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

class Download {
 public:
  using Observer = std::function<void(int)>;

  int attach(Observer observer) {
    std::lock_guard<std::mutex> lock(mu_);
    observers_[nextId_] = std::move(observer);
    return nextId_++;
  }

  void detach(int id) {
    std::lock_guard<std::mutex> lock(mu_);
    observers_.erase(id);
  }

  void run() {
    for (int percent = 0; percent <= 100; percent += 25) report(percent);
  }

 private:
  void report(int percent) {
    std::map<int, Observer> observers;
    {
      std::lock_guard<std::mutex> lock(mu_);
      observers = observers_;
    }
    for (auto& [id, observer] : observers) observer(percent);
  }

  std::mutex mu_;
  std::map<int, Observer> observers_;
  int nextId_ = 1;
};

int main() {
  Download download;
  std::atomic<int> seen{0};
  std::atomic<int> id{0};
  id = download.attach([&download, &seen, &id](int percent) {
    seen = percent;
    if (percent >= 50) download.detach(id);
  });

  std::thread network([&download] { download.run(); });
  network.join();

  std::printf("observer left at %d %%\n", seen.load());
  return seen == 50 ? 0 : 1;
}
