// A detached thread still works when main, after a while, looks at the result.
#include <chrono>
#include <thread>

static int g_progress = 0;

void copyFiles() {
  for (int i = 0; i < 10; ++i) {
    ++g_progress;  // expect: data-race g_progress
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

int main() {
  std::thread(copyFiles).detach();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  return g_progress >= 0 ? 0 : 1;  // expect: data-race g_progress
}
