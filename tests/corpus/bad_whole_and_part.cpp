// One thread copies the whole, another changes a part.
#include <thread>

struct Position {
  double x = 0;
  double y = 0;
};

Position g_ship;

void drift() { g_ship.x += 1; }  // expect: data-race g_ship

int main() {
  std::thread sea(drift);
  const Position seen = g_ship;  // expect: data-race g_ship
  sea.join();
  return seen.x < 0 ? 1 : 0;
}
