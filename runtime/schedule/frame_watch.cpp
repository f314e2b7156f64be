#include "runtime/schedule/frame_watch.h"

#include "runtime/detect/blocks.h"
#include "runtime/detect/context_tree.h"
#include "runtime/detect/race_report.h"
#include "runtime/detect/thread.h"
#include "runtime/schedule/controlled.h"

namespace deadheat::rt {
namespace {

struct EndedStack {
  Address low;
  Address high;
  ThreadId thread;
  Slot slot;
  LeftFrame left;
};

constexpr std::size_t kMostEnded = 64;

GrowingArray<EndedStack> ended;
Address lowest, highest;  ///< Bounds of all stacks seen so far.
bool kept;                ///< Nothing counts as left any more.

/// What an access to somebody's stack is about; no owner: nobody's.
struct Found {
  ThreadId owner = kNoThread;
  const LeftFrame* left = nullptr;
};

bool isWithin(Address address, Address low, Address high) { return address - low < high - low; }

bool isOnStack(const Thread* thread, Address address) {
  return isWithin(address, thread->stackLow, thread->stackHigh);
}

bool isIn(const Thread* thread, Address address) {
  return isOnStack(thread, address) || isWithin(address, thread->tlsLow, thread->tlsHigh);
}

/// `left` unless the user heard something from slot `slot` since.
const LeftFrame* unlessTold(const LeftFrame* left, Slot slot, ThreadId user) {
  const Thread* thread = threadById(user);
  return left != nullptr && thread != nullptr && thread->clock.get(slot) < left->epoch ? left : nullptr;
}

Found findOwner(const Event& event) {
  if (kept || !event.isAccess() || !isWithin(event.object, lowest, highest)) return {};
  for (const Controlled* each : controlled) {
    if (!isIn(each->thread, event.object)) continue;
    if (each->thread->id == event.thread) return {};
    // Thread-local variables live as long as their thread, whatever lies above them.
    const LeftFrame* left = isOnStack(each->thread, event.object) ? each->left.at(event.object) : nullptr;
    return {each->thread->id, unlessTold(left, each->thread->slot, event.thread)};
  }
  for (std::size_t i = ended.size(); i-- != 0;)
    if (isWithin(event.object, ended[i].low, ended[i].high))
      return {ended[i].thread, unlessTold(&ended[i].left, ended[i].slot, event.thread)};
  return {};
}

void widenTo(Address low, Address high) {
  if (low != 0 && (lowest == 0 || low < lowest)) lowest = low;
  if (high > highest) highest = high;
}

void noteBounds(const Thread* thread) {
  widenTo(thread->stackLow, thread->stackHigh);
  widenTo(thread->tlsLow, thread->tlsHigh);
}

void addEnded(const EndedStack& stack) {
  if (ended.size() == kMostEnded) {
    for (std::size_t i = 1; i < ended.size(); ++i) ended[i - 1] = ended[i];
    ended.pop();
  }
  ended.push(stack);
}

}  // namespace

void startFrameWatch() {
  ended.clear();
  lowest = highest = 0;
  kept = false;
}

void leaveFrame(Thread* self, Address end, Address pc) {
  Controlled* own = ownControlled;
  if (kept || own == nullptr || own->thread != self || controlled.size() == 1) return;
  // Nobody is told apart from main() by where it is called from.
  bool outermost = self->id == 0 && self->calls.depth() <= 1;
  if (outermost || !isWithin(end, self->stackLow, self->stackHigh)) return;
  noteBounds(self);
  own->left.add({end, self->epoch(), currentContext(self), pc});
}

Address endOfFrame(Thread* self, Address stackPointer) {
  constexpr std::size_t kMostWords = 1024;
  Address caller = 0;
  parentContext(self->calls.context(), caller);
  const auto* word = reinterpret_cast<const Address*>(stackPointer);
  for (std::size_t i = 0; i < kMostWords && reinterpret_cast<Address>(word + i) < self->stackHigh; ++i)
    if (word[i] == caller) return reinterpret_cast<Address>(word + i);
  return stackPointer;
}

void leaveStack(Thread* self) {
  if (kept || self->stackLow == 0 || controlled.size() == 1) return;
  noteBounds(self);
  LeftFrame end{self->stackHigh, self->epoch(), self->createdContext, self->createdPc};
  addEnded({self->stackLow, self->stackHigh, self->id, self->slot, end});
  if (self->tlsLow < self->stackLow || self->tlsHigh > self->stackHigh)
    addEnded({self->tlsLow, self->tlsHigh, self->id, self->slot, end});
}

void keepFrames() { kept = true; }

void replaceStacks(Address begin, std::size_t size) {
  std::size_t left = 0;
  for (std::size_t i = 0; i < ended.size(); ++i)
    if (ended[i].high <= begin || ended[i].low >= begin + size) ended[left++] = ended[i];
  while (ended.size() > left) ended.pop();
}

Lent lentTo(const Event& event) {
  Found found = findOwner(event);
  if (found.owner == kNoThread) return Lent::No;
  return found.left != nullptr ? Lent::Left : Lent::Lives;
}

void watchFrames(const Event& event) {
  Found found = findOwner(event);
  BlockInfo block;
  if (found.left == nullptr || findBlock(event.object, block)) return;
  const Thread* user = threadById(event.thread);
  if (user->ignoreDepth != 0) return;
  std::uint32_t flags = (event.changes ? protocol::kAccessWrite : 0) | (event.atomic ? protocol::kAccessAtomic : 0);
  RaceAccess use{event.thread, flags, event.object, event.size, event.pc, currentContext(user), event.site, user};
  RaceAccess end{found.owner,    protocol::kAccessWrite | protocol::kAccessFree | protocol::kAccessFrame,
                 event.object,   event.size,
                 found.left->pc, found.left->context,
                 event.site,     nullptr};
  reportRace(use, end, protocol::RaceProof::Caught);
}

}  // namespace deadheat::rt
