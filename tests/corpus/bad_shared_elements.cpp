// Both threads go through all objects that the vector points to.
#include <memory>
#include <thread>
#include <vector>

struct Meter {
  long ticks = 0;
};

std::vector<std::unique_ptr<Meter>> g_meters;

void tick_all() {
  for (auto& meter : g_meters) ++meter->ticks;  // expect: data-race Meter::ticks
}

int main() {
  for (int i = 0; i < 4; ++i) g_meters.push_back(std::make_unique<Meter>());
  std::thread clock(tick_all);
  long sum = 0;
  for (const auto& meter : g_meters) sum += meter->ticks;  // expect: data-race Meter::ticks
  clock.join();
  return sum < 0 ? 1 : 0;
}
