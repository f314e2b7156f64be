// The flag is atomic but relaxed: it does not bring the data with it.
#include <atomic>
#include <thread>

int g_payload = 0;
std::atomic<bool> g_ready{false};

void produce() {
  g_payload = 17;  // expect: atomic-misuse g_payload
  g_ready.store(true, std::memory_order_relaxed);
}

int main() {
  std::thread producer(produce);
  while (!g_ready.load(std::memory_order_relaxed)) std::this_thread::yield();
  const int seen = g_payload;  // expect: atomic-misuse g_payload
  producer.join();
  return seen >= 0 ? 0 : 1;
}
