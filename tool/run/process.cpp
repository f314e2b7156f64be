#include "tool/run/process.h"

#include <algorithm>
#include <list>

#include "tool/run/child.h"

namespace deadheat {
namespace {

struct Running {
  std::size_t id;
  Child child;
};

void wait(std::list<Running>& running) {
  std::vector<Child*> children;
  for (Running& entry : running) children.push_back(&entry.child);
  waitForAny(children);
}

}  // namespace

void runPool(unsigned width, const std::function<std::optional<PoolJob>()>& next,
             const std::function<void(std::size_t, llvm::Expected<ProcessOutcome>)>& done) {
  std::list<Running> running;
  while (true) {
    while (running.size() < std::max(width, 1u)) {
      std::optional<PoolJob> job = next();
      if (!job) break;
      auto child = Child::start(job->request);
      if (child)
        running.push_back({job->id, *child});
      else
        done(job->id, child.takeError());
    }
    if (running.empty()) return;
    wait(running);
    for (auto entry = running.begin(); entry != running.end();) {
      if (!entry->child.ended()) {
        ++entry;
        continue;
      }
      const std::size_t id = entry->id;
      ProcessOutcome outcome = entry->child.finish();
      entry = running.erase(entry);
      done(id, outcome);
    }
  }
}

llvm::Expected<ProcessOutcome> runProcess(const ProcessRequest& request) {
  auto child = Child::start(request);
  if (!child) return child.takeError();
  while (!child->ended()) waitForAny({&*child});
  return child->finish();
}

}  // namespace deadheat
