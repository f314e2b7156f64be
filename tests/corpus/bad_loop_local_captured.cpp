// Every turn of the loop has a counter of its own, and each is gone before its thread is joined.
#include <thread>
#include <vector>

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    int turn = i;
    threads.emplace_back([&turn] { ++turn; });  // expect: captured-reference turn
  }
  for (std::thread& thread : threads) thread.join();
}
