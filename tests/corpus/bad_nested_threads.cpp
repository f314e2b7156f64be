// The inner thread outlives the outer one that started it.
#include <thread>

int g_state = 0;

void inner() { g_state = 1; }  // expect: data-race g_state
void outer() { std::thread(inner).detach(); }

int main() {
  std::thread first(outer);
  first.join();
  return g_state;  // expect: data-race g_state
}
