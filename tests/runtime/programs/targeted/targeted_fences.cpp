// As targeted_stories.cpp, with fences: relaxed atomics outside the listed places order threads by them.
#include <atomic>
#include <thread>

#include "stories.h"

namespace {

long listed;
std::atomic<int> flag;

__attribute__((noinline)) void writeListed() {
#line 100 "places.cpp"
  ++listed;
#line 101 "others.cpp"
}

template <class Publish, class Receive>
void handOver(Publish publish, Receive receive) {
  std::thread a([=] { writeListed(), publish(); }), b([=] { receive(), writeListed(); });
  a.join();
  b.join();
}
void fencesElsewhereOrder() {
  handOver([] { std::atomic_thread_fence(std::memory_order_release), flag.store(1, std::memory_order_relaxed); },
           [] {
             while (flag.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
             std::atomic_thread_fence(std::memory_order_acquire);
           });
}
void relaxedWithoutFence() {
  handOver([] { flag.store(1, std::memory_order_relaxed); },
           [] {
             while (flag.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
           });
}

}  // namespace

int main(int argc, char** argv) {
  static const Story stories[] = {{"fencesElsewhereOrder", fencesElsewhereOrder},
                                  {"relaxedWithoutFence", relaxedWithoutFence}};
  return runStory(stories, argc, argv);
}
