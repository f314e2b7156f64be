// verdict: confirmed
// shows: rarely
//
// Two turnstiles count into one atomic. The addition is a load and a store of their own: both are indivisible, the step
// from one to the other is not, and a visitor who comes in between is not counted.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

class Stadium {
 public:
  void enter() {
    visitors_.store(visitors_.load() + 1);  // expect: atomic-misuse Stadium::visitors_
  }
  int visitors() const { return visitors_.load(); }

 private:
  std::atomic<int> visitors_{0};
};

void northGate(Stadium& stadium) {
  for (int i = 0; i < 100; ++i) stadium.enter();
}

// The south gate opens later.
void southGate(Stadium& stadium) {
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  for (int i = 0; i < 50; ++i) stadium.enter();
}

int main() {
  Stadium stadium;
  std::thread north([&stadium] { northGate(stadium); });
  std::thread south([&stadium] { southGate(stadium); });
  north.join();
  south.join();
  std::printf("%d visitors\n", stadium.visitors());
  return stadium.visitors() == 150 ? 0 : 1;
}
