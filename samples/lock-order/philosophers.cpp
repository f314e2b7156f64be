// verdict: confirmed
// shows: often
//
// Five philosophers, five forks. Each takes the left fork and then the right one, so all may sit with one fork each,
// waiting for their neighbour for ever.
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
    std::lock_guard<std::mutex> left(table.forks[seat]);   // expect: lock-order Table::forks
    std::this_thread::yield();                             // reaching across the table
    std::lock_guard<std::mutex> right(table.forks[next]);  // expect: lock-order Table::forks
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
