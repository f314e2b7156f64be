// Globals are set before the threads start and read again after they ended; in between they are only read.
#include <string>
#include <thread>
#include <vector>

std::vector<std::string> g_words;
int g_minimum = 0;
int g_long = 0;

void loadDictionary() {
  g_words = {"tree", "be", "house", "an"};
  g_minimum = 3;
}

int countLong() {
  int found = 0;
  for (const std::string& word : g_words) found += static_cast<int>(word.size()) >= g_minimum ? 1 : 0;
  return found;
}

int main() {
  loadDictionary();
  int mine = 0;
  std::thread helper([] { g_long = countLong(); });
  mine = countLong();
  helper.join();
  g_minimum = 5;
  return g_long == 2 && mine == 2 && countLong() == 1 ? 0 : 1;
}
