// Different elements of any other vector are different memory, and reading the vector itself is fine for both.
#include <cstddef>
#include <thread>
#include <vector>

std::vector<int> g_done(8);

void finish_first() {
  if (!g_done.empty()) g_done[0] = 1;
}

int main() {
  std::thread worker(finish_first);
  if (g_done.size() > 1) g_done[1] = 1;
  worker.join();
  return g_done[0] == 1 ? 0 : 1;
}
