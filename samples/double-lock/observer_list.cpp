// verdict: confirmed
// shows: often
//
// A download tells its observers how far it is, under the lock that protects the list of them. An observer that has
// seen enough takes itself off the list: with the same lock, on the same thread.
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
    std::lock_guard<std::mutex> lock(mu_);  // expect: double-lock Download::mu_
    observers_.erase(id);
  }

  void run() {
    for (int percent = 0; percent <= 100; percent += 25) report(percent);
  }

 private:
  void report(int percent) {
    std::lock_guard<std::mutex> lock(mu_);
    for (auto& [id, observer] : observers_) observer(percent);
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
