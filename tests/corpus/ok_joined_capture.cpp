// Everything that is captured lives until the threads are joined, also where starting one fails.
#include <pthread.h>

#include <thread>
#include <vector>

static void* count(void* total) {
  ++*static_cast<int*>(total);
  return nullptr;
}

int counted() {
  int total = 0;
  pthread_t thread;
  if (pthread_create(&thread, nullptr, count, &total) != 0) return -1;
  pthread_join(thread, nullptr);
  return total;
}

int main() {
  std::vector<int> totals(4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&totals, i] { totals[i] = i; });
  for (std::thread& thread : threads) thread.join();
  return counted() - 1 + totals[0];
}
