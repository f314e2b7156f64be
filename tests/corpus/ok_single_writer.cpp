// A ring with one producer: only he moves the tail, so he reads it back in any order and stores it with release.
#include <atomic>
#include <cstdio>
#include <thread>

class Ring {
 public:
  bool put(int value) {
    const unsigned tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == kSize) return false;
    slots_[tail % kSize] = value;
    tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    return true;
  }
  bool take(int& value) {
    const unsigned head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    value = slots_[head % kSize];
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

 private:
  static constexpr unsigned kSize = 8;
  int slots_[kSize] = {};
  std::atomic<unsigned> head_{0};
  std::atomic<unsigned> tail_{0};
};

int main() {
  Ring ring;
  std::thread producer([&ring] {
    for (int i = 0; i < 100;)
      if (ring.put(i)) ++i;
  });
  int sum = 0;
  for (int taken = 0, value = 0; taken < 100;)
    if (ring.take(value)) {
      sum += value;
      ++taken;
    }
  producer.join();
  std::printf("%d\n", sum);
}
