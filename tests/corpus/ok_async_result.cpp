// get() waits for the task.
#include <future>
#include <vector>

int main() {
  std::vector<int> parts(2);
  std::future<void> first = std::async(std::launch::async, [&parts] { parts[0] = 1; });
  std::future<void> second = std::async(std::launch::async, [&parts] { parts[1] = 2; });
  first.get();
  second.get();
  return parts[0] + parts[1] == 3 ? 0 : 1;
}
