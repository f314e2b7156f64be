// Request statistics of a small server, counted with an atomic.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

struct ServerStats {
  std::atomic<long> requests{0};
};

constexpr int kRequestsPerWorker = 400000;

// Stands for parsing: a checksum over the request line.
std::uint32_t checksum(const std::string& line, int number) {
  std::uint32_t sum = static_cast<std::uint32_t>(number);
  for (char c : line) sum = sum * 31 + static_cast<unsigned char>(c);
  return sum;
}

void handle(ServerStats& stats, const std::string& line, int number) {
  if (checksum(line, number) == 0) return;
  ++stats.requests;
}

void serve(ServerStats& stats, const char* line) {
  const std::string request = line;
  for (int number = 1; number <= kRequestsPerWorker; ++number) {
    handle(stats, request, number);
    if (number % 100 == 0) std::this_thread::yield();
  }
}

int main() {
  ServerStats stats;
  std::thread first(serve, std::ref(stats), "GET /");
  std::thread second(serve, std::ref(stats), "GET /a");
  first.join();
  second.join();

  const long served = stats.requests;
  std::printf("served %ld of %d requests\n", served, 2 * kRequestsPerWorker);
  return served == 2L * kRequestsPerWorker ? 0 : 1;
}
