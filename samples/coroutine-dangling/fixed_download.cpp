// Downloads report their progress on the loop. The report has a copy of its download, since the function that asks for
// it has returned when it is made.
#include <cstdio>
#include <deque>
#include <functional>
#include <utility>

#ifdef __clang__
#define MODEL(text) __attribute__((annotate("deadheat: " text)))  // As deadheat/annotations.h has it.
#else
#define MODEL(text)
#endif

// An event loop on one thread.
class MODEL("kind: executor") Loop {
 public:
  MODEL("effect: spawn, entry: 0, where: pool, handle: this") void post(std::function<void()> task) {
    tasks_.push_back(std::move(task));
  }
  MODEL("effect: run") void run() {
    while (!tasks_.empty()) {
      std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }

 private:
  std::deque<std::function<void()>> tasks_;
};

struct Download {
  int bytes;
  int of;
};

Loop g_loop;
int g_shown = 0;

void fetch(int number) {
  Download download{number * 100, 500};
  g_loop.post([download] {
    if (download.bytes <= download.of) ++g_shown;
  });
}

int main() {
  for (int i = 1; i <= 3; ++i) fetch(i);
  g_loop.run();
  std::printf("%d downloads shown\n", g_shown);
  return 0;
}
