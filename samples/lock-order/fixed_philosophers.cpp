// Five philosophers, five forks. Each takes both forks in one step, or waits with none in hand.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <thread>

constexpr std::size_t kSeats = 5;
constexpr int kMeals = 2000;

struct Table {
  std::mutex forks[kSeats];
  std::atomic<int> meals{0};
};

void dine(Table& table, std::size_t seat) {
  const std::size_t next = (seat + 1) % kSeats;
  for (int meal = 0; meal < kMeals; ++meal) {
    std::scoped_lock both(table.forks[seat], table.forks[next]);
    table.meals.fetch_add(1);
  }
}

int main() {
  Table table;
  std::array<std::thread, kSeats> philosophers;
  for (std::size_t seat = 0; seat < kSeats; ++seat) {
    philosophers[seat] = std::thread([&table, seat] { dine(table, seat); });
  }
  for (std::thread& philosopher : philosophers) philosopher.join();

  std::printf("%d meals\n", table.meals.load());
  return 0;
}
