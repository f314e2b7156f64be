// operator[] of a map inserts what it does not find: two lookups may race.
#include <map>
#include <string>
#include <thread>

std::map<std::string, int> g_limits;

int limit(const char* name) { return g_limits[name]; }  // expect: data-race g_limits

int main() {
  int memory = 0;
  std::thread other([&] { memory = limit("memory"); });
  const int files = limit("files");
  other.join();
  return memory + files;
}
