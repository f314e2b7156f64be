// verdict: suspected
// shows: often
//
// A program backs up its notes "in the background" by a deferred task. Nobody asks for its result, so nothing is backed up.
#include <cstdio>
#include <future>
#include <string>
#include <vector>

std::vector<std::string> g_backup;

void backUp(const std::vector<std::string>& notes) { g_backup = notes; }

void edit(std::vector<std::string>& notes) {
  std::future<void> backup = std::async(std::launch::deferred, backUp, notes);
  notes.push_back("bread");
}  // expect: future-deadlock backup

int main() {
  std::vector<std::string> notes = {"milk"};
  edit(notes);
  std::printf("%zu notes, %zu in the backup\n", notes.size(), g_backup.size());
  return g_backup.empty() ? 1 : 0;
}
