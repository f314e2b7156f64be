// verdict: confirmed
// shows: rarely
//
// A door bell calls whoever wants to know that somebody rang, with its own lock held. What they do is theirs: the one
// who takes himself off the list, or waits for another thread at the door, never comes back.
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
    std::lock_guard<std::mutex> lock(mu_);
    ++rings_;
    for (auto& listener : listeners_) listener(rings_);  // expect: callback-under-lock DoorBell::mu_
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
