// verdict: confirmed
// Each thread collects trace lines in a buffer of its own; a helper thread is to write them. It is given the address of
// the starter's buffer, which the starter goes on to use.
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

std::mutex g_outputMutex;
std::size_t g_written = 0;
thread_local std::vector<int> t_lines;

void writeLines(const std::vector<int>* lines) {
  std::lock_guard<std::mutex> lock(g_outputMutex);
  g_written += lines->size();
}

void work(int steps) {
  for (int i = 0; i < steps; ++i) t_lines.push_back(i);
  std::thread writer(writeLines, &t_lines);  // expect: tls-escape t_lines
  t_lines.push_back(steps);                  // for the next turn
  writer.join();
}

int main() {
  std::thread left(work, 3);
  std::thread right(work, 4);
  left.join();
  right.join();
  std::printf("%zu lines written\n", g_written);
  return g_written == 7 ? 0 : 1;
}
