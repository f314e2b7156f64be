// An element is read while another thread lets the vector grow, which may move all elements.
#include <thread>
#include <vector>

std::vector<int> g_samples{1, 2, 3};

void collect() {
  for (int i = 0; i < 100; ++i) g_samples.push_back(i);  // expect: data-race g_samples
}

int main() {
  std::thread collector(collect);
  const int first = g_samples[0];  // expect: data-race g_samples
  collector.join();
  return first == 1 ? 0 : 1;
}
