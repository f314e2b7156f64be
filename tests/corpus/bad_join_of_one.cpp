// Two threads write, but only one of them has been joined when main reads.
#include <thread>

int g_left = 0;
int g_right = 0;

void left() { g_left = 1; }
void right() { g_right = 2; }  // expect: data-race g_right

int main() {
  std::thread first(left);
  std::thread second(right);
  first.join();
  const int sum = g_left + g_right;  // expect: data-race g_right
  second.join();
  return sum > 0 ? 0 : 1;
}
