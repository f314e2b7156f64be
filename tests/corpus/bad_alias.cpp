// The same object under two names: one thread has the whole, the other a pointer to its part.
#include <functional>
#include <thread>

struct Position {
  double x = 0;
  double y = 0;
};

struct Ship {
  Position position;
  int crew = 3;
};

void sail(Ship& ship) {
  ship.position.x = 1.5;  // expect: data-race Position::x
}

void plot(const Position* position, double* mark) {
  *mark = position->x;  // expect: data-race Position::x
}

int main() {
  Ship ship;
  double mark = 0;
  std::thread captain(sail, std::ref(ship));
  std::thread navigator(plot, &ship.position, &mark);
  captain.join();
  navigator.join();
  return mark >= 0 ? 0 : 1;
}
