// An executor of one's own on one thread: which task runs next is the run's choice, not the program's.
#include <deadheat/choose.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "stories.h"

namespace {

/// Says in which order three tasks of two steps each ran.
void ordered() {
  struct Task {
    char name;
    int left;
  };
  std::vector<Task> ready = {{'a', 2}, {'b', 2}, {'c', 2}};
  std::string order;
  while (!ready.empty()) {
    unsigned next = deadheat_choose(static_cast<unsigned>(ready.size()));
    order += ready[next].name;
    if (--ready[next].left == 0) ready.erase(ready.begin() + next);
  }
  std::printf("order %s\n", order.c_str());
}

/// A balance that is looked at before a suspension and relied on after.
void lost() {
  int balance = 0;
  struct Deposit {
    int seen = -1;
    bool done = false;
  } deposits[2];
  while (!deposits[0].done || !deposits[1].done) {
    Deposit* ready[2];
    unsigned count = 0;
    for (Deposit& each : deposits)
      if (!each.done) ready[count++] = &each;
    Deposit& next = *ready[deadheat_choose(count)];
    if (next.seen < 0) {
      next.seen = balance;
    } else {
      balance = next.seen + 1;
      next.done = true;
    }
  }
  if (balance != 2) std::abort();
}

const Story kStories[] = {{"ordered", ordered}, {"lost", lost}};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
