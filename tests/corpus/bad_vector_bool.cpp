// Neighbours in a std::vector<bool> share a word.
#include <thread>
#include <vector>

std::vector<bool> g_done(8);

void finish_first() { g_done[0] = true; }  // expect: data-race g_done

int main() {
  std::thread worker(finish_first);
  g_done[1] = true;  // expect: data-race g_done
  worker.join();
  return g_done[0] && g_done[1] ? 0 : 1;
}
