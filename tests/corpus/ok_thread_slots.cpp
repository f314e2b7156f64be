// Every thread writes only the slot of its own number; main reads them after the joins.
#include <array>
#include <cstddef>
#include <thread>
#include <vector>

constexpr std::size_t kThreads = 4;

void countPart(std::array<long, kThreads>& slots, std::size_t index) {
  for (long i = 0; i < 100; ++i) slots[index] += i;
}

int main() {
  std::array<long, kThreads> slots{};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&slots, i] { countPart(slots, i); });
  }
  for (std::thread& thread : threads) thread.join();

  long total = 0;
  for (long slot : slots) total += slot;
  return total == 4 * 4950 ? 0 : 1;
}
