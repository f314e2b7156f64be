// Main reads the result before it has joined the thread that makes it.
#include <thread>

int main() {
  int result = 0;
  std::thread worker([&result] {
    result = 42;  // expect: data-race result
  });
  const int early = result;  // expect: data-race result
  worker.join();
  return early == 0 || early == 42 ? 0 : 1;
}
