// find() and const functions of one map may be called by any number of threads.
#include <map>
#include <string>
#include <thread>

std::map<std::string, int> g_limits{{"memory", 512}, {"files", 64}};

int limit(const std::string& name) {
  auto found = g_limits.find(name);
  return found == g_limits.end() ? 0 : found->second;
}

int main() {
  int memory = 0;
  std::thread other([&] { memory = limit("memory"); });
  const int files = limit("files") + static_cast<int>(g_limits.count("files")) + g_limits.at("files");
  other.join();
  return memory + files == 0 ? 1 : 0;
}
