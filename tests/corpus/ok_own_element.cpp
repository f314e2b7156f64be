// Each worker has an object of its own among those that the vector points to.
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

struct Meter {
  long ticks = 0;
};

std::vector<std::unique_ptr<Meter>> g_meters;

void tick(std::size_t own) { ++g_meters[own]->ticks; }

int main() {
  for (int i = 0; i < 4; ++i) g_meters.push_back(std::make_unique<Meter>());
  std::vector<std::thread> clocks;
  for (std::size_t i = 0; i < 4; ++i) clocks.emplace_back(tick, i);
  for (std::thread& clock : clocks) clock.join();
  long sum = 0;
  for (const auto& meter : g_meters) sum += meter->ticks;
  return sum == 4 ? 0 : 1;
}
