// While a thread fills one buffer, main reads the other; the join before each swap keeps them apart.
#include <thread>
#include <utility>
#include <vector>

struct Pipeline {
  std::vector<int> front;
  std::vector<int> back;
};

void fill(std::vector<int>& buffer, int start) {
  buffer.clear();
  for (int i = 0; i < 4; ++i) buffer.push_back(start + i);
}

int sum(const std::vector<int>& buffer) {
  int total = 0;
  for (int value : buffer) total += value;
  return total;
}

int main() {
  Pipeline pipeline;
  int total = 0;
  for (int round = 0; round < 3; ++round) {
    std::thread producer([&pipeline, round] { fill(pipeline.back, round * 10); });
    total += sum(pipeline.front);
    producer.join();
    std::swap(pipeline.front, pipeline.back);
  }
  total += sum(pipeline.front);
  return total == 138 ? 0 : 1;
}
