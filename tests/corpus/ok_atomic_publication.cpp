// Plain data published through an atomic flag: written before the release, read after the acquire that saw it.
#include <atomic>
#include <thread>

struct Frame {
  int width = 0;
  int height = 0;
};

Frame g_frame;
std::atomic<bool> g_ready{false};

void decode() {
  g_frame.width = 640;
  g_frame.height = 480;
  g_ready.store(true, std::memory_order_release);
}

int main() {
  std::thread decoder(decode);
  while (!g_ready.load(std::memory_order_acquire)) std::this_thread::yield();
  const int area = g_frame.width * g_frame.height;
  decoder.join();
  return area == 307200 ? 0 : 1;
}
