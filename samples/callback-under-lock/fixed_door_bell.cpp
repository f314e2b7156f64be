// A door bell copies the list under its lock and calls whoever wants to know without it.
#include <cstdio>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

class DoorBell {
 public:
  void onRing(std::function<void(int)> listener) {
    std::lock_guard<std::mutex> lock(mu_);
    listeners_.push_back(std::move(listener));
  }

  void ring() {
    int rings = 0;
    std::vector<std::function<void(int)>> listeners;
    {
      std::lock_guard<std::mutex> lock(mu_);
      rings = ++rings_;
      listeners = listeners_;
    }
    for (auto& listener : listeners) listener(rings);
  }

 private:
  std::mutex mu_;
  int rings_ = 0;
  std::vector<std::function<void(int)>> listeners_;
};

int main() {
  DoorBell bell;
  std::mutex house;
  int heard = 0;
  bell.onRing([&](int rings) {
    std::lock_guard<std::mutex> inside(house);
    heard = rings;
  });
  std::thread visitor([&bell] { bell.ring(); });
  {
    std::lock_guard<std::mutex> inside(house);
    bell.onRing([](int) {});
  }
  visitor.join();
  std::printf("rang %d times\n", heard);
  return 0;
}
