// Selectively uniform random walk, after Zhao, Wolff, Mathur, Roychoudhury: Selectively Uniform Concurrency Testing
// (ASPLOS 2025). Of one object, every interleaving of the operations on it is as likely as any other; the rest is drawn as
// it comes.
//
// How many operations on the object each thread makes is known from an earlier run. The thread that makes the next one is
// drawn by how many each has left, and the others stop before theirs until it has. A thread that is not there yet is stood
// in for by the one that will create it.
//
// Odds: with N operations of n threads on the object, all orders of them have even odds, where a random walk runs the
// threads at much the same pace.
#include "runtime/platform/growing_array.h"
#include "runtime/schedule/random_numbers.h"
#include "runtime/schedule/strategy.h"

namespace deadheat::rt {
namespace {

struct Share {
  std::uint64_t left;      ///< Operations on the object still to come.
  ThreadId parent;
  bool born;
  std::uint64_t priority;  ///< Of its announced operation; 0: not drawn yet.
};

RandomNumbers numbers;
GrowingArray<Share> shares;  ///< By thread id.
Address focus;
ThreadId intended;  ///< kNoThread: to be drawn.

Share& shareOf(ThreadId thread) {
  while (shares.size() <= thread) shares.push({0, 0, false, 0});
  return shares[thread];
}

bool isOnFocus(const Event& event) { return event.object <= focus && focus < event.object + event.size; }

void begin(const StrategySettings& settings) {
  numbers.seed(settings.seed);
  shares.clear();
  focus = settings.focus;
  intended = kNoThread;
  for (std::size_t i = 0; i < settings.focusCount; ++i) {
    Share& share = shareOf(settings.focusThreads[i].thread);
    share.left = settings.focusThreads[i].count;
    share.parent = settings.focusThreads[i].parent;
  }
}

/// The thread, or who has to create it or one of its ancestors first.
ThreadId standIn(ThreadId thread) {
  while (thread != 0 && !shareOf(thread).born) thread = shareOf(thread).parent;
  return thread;
}

void drawIntended() {
  std::uint64_t total = 0;
  for (const Share& share : shares) total += share.left;
  intended = kNoThread;
  if (total == 0) return;
  std::uint64_t drawn = numbers.below(total);
  for (ThreadId thread = 0; thread < shares.size(); ++thread) {
    if (drawn < shares[thread].left) {
      intended = thread;
      return;
    }
    drawn -= shares[thread].left;
  }
}

/// All that can go on stand before the object: one of them goes, whoever was intended.
ThreadId drawAmong(const Choice& choice) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < choice.count; ++i) total += shareOf(choice.enabled[i]->thread).left + 1;
  std::uint64_t drawn = numbers.below(total);
  for (std::size_t i = 0; i < choice.count; ++i) {
    ThreadId thread = choice.enabled[i]->thread;
    if (drawn <= shareOf(thread).left) return thread;
    drawn -= shareOf(thread).left + 1;
  }
  return choice.enabled[0]->thread;
}

ThreadId choose(const Choice& choice) {
  for (std::size_t i = 0; i < choice.allCount; ++i) shareOf(choice.all[i]->thread).born = true;
  if (choice.gaveWay) shareOf(choice.key.thread).priority = 1;
  if (intended == kNoThread) drawIntended();
  ThreadId mayPass = intended == kNoThread ? kNoThread : standIn(intended);
  const Event* best = nullptr;
  for (std::size_t i = 0; i < choice.count; ++i) {
    const Event* event = choice.enabled[i];
    if (isOnFocus(*event) && event->thread != mayPass) continue;
    Share& share = shareOf(event->thread);
    if (share.priority == 0) share.priority = numbers.next() | 2;
    if (best == nullptr || share.priority > shareOf(best->thread).priority) best = event;
  }
  return best != nullptr ? best->thread : drawAmong(choice);
}

void performed(const Event& event) {
  Share& share = shareOf(event.thread);
  share.priority = 0;
  if (!isOnFocus(event)) return;
  if (share.left != 0) --share.left;
  intended = kNoThread;
}

std::size_t wake(const DecisionKey&, const ThreadId*, std::size_t count) { return numbers.below(count); }

}  // namespace

const Strategy kSurw{begin, choose, wake, performed};

}  // namespace deadheat::rt
