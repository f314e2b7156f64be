// Locks that the starter of a thread holds: all the while the thread runs, they keep others out for it (a cover); and
// what the starter does before it first gives one back comes before all that the thread does once it has taken it.
#include <algorithm>

#include "analyzers/link/frame.h"

namespace deadheat {
namespace {

ThreadSet startedBy(const Application& app) {
  ThreadSet out = app.spawn && app.self != kLostThread ? threadBit(app.self) : 0;
  for (ThreadNumber t : app.threads) out |= t == kLostThread ? 0 : threadBit(t);
  return out;
}

}  // namespace

/// The threads that start at `step`, with what is held here then.
void Frame::noteStarts(const FlowState& before, const Step& step) {
  ThreadSet started = started_[step.call] < kMaxThreads ? threadBit(started_[step.call]) : 0;
  for (const Application& app : applications_[step.call]) started |= app.deferred ? 0 : startedBy(app);
  for (std::size_t t = 0; t < threads_.size(); ++t) {
    if (!(started & threadBit(static_cast<ThreadNumber>(t)))) continue;
    ThreadFact& thread = threads_[t];
    thread.startedUnder = tables_.locksets.united(thread.startedUnder, before.held);
    if (thread.parent == kSelf) thread.takenBefore = tables_.pathSets.united(thread.takenBefore, before.taken);
    for (const HeldLock& lock : tables_.locksets[before.held]) {
      if (lock.hold == Hold::Exclusive) thread.covers.push_back({lock.lock, kSelf});
    }
  }
}

/// A thread that runs while its starter does not hold a lock is not covered by it.
void Frame::narrowCovers(const FlowState& state) {
  for (std::size_t t = 0; t < threads_.size(); ++t) {
    if (!(state.live & threadBit(static_cast<ThreadNumber>(t)))) continue;
    std::erase_if(threads_[t].covers, [&](const Cover& cover) {
      return cover.holder == kSelf && !tables_.locksets.find(state.held, cover.lock);
    });
  }
}

void Frame::findCovers() {
  if (threads_.empty()) return;
  auto sweep = [&](auto atStep, auto atEnd) {
    for (std::uint32_t b : order_) {
      block_ = b;
      Ways ways = guarded(entry_[b], tables_);
      for (const Step& step : body_.blocks[b].steps) {
        for (const Way& way : ways) atStep(way.state, step);
        advance(ways, step);
        if (endsBlock(step)) ways.clear();
      }
      if (b == body_.exit) continue;  // The ways that meet there are looked at one by one.
      for (const Way& way : ways) atEnd(way.state);
    }
  };
  sweep(
      [&](const FlowState& state, const Step& step) {
        if (step.call != Step::kNoCall && state.taken != PathSetId::Empty) noteStarts(state, step);
      },
      [](const FlowState&) {});
  const bool any =
      std::any_of(threads_.begin(), threads_.end(), [](const ThreadFact& thread) { return !thread.covers.empty(); });
  if (!any) return;
  sweep([&](const FlowState& state, const Step&) { narrowCovers(state); },
        [&](const FlowState& state) { narrowCovers(state); });
}

}  // namespace deadheat
