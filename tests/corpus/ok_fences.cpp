// The flag is relaxed, and fences on both sides order what it says.
#include <atomic>
#include <thread>

int payload = 0;
std::atomic<int> ready{0};

void produce() {
  payload = 42;
  std::atomic_thread_fence(std::memory_order_release);
  ready.store(1, std::memory_order_relaxed);
}

int consume() {
  while (ready.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
  std::atomic_thread_fence(std::memory_order_acquire);
  return payload;
}

int main() {
  int seen = 0;
  std::thread producer(produce), consumer([&seen] { seen = consume(); });
  producer.join();
  consumer.join();
  return seen == 42 ? 0 : 1;
}
