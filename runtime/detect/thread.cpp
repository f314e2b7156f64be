#include "runtime/detect/thread.h"

#include "runtime/detect/cell_chunk.h"
#include "runtime/detect/fast_state.h"
#include "runtime/detect/granule.h"
#include "runtime/detect/misuse.h"
#include "runtime/detect/slots.h"
#include "runtime/detect/sync.h"
#include "runtime/detect/thread_registry.h"
#include "runtime/platform/raw_syscall.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"
#include "runtime/record/thread_records.h"
#include "runtime/schedule/events.h"

namespace deadheat::rt {

__thread Thread* fastThread = nullptr;
__thread Thread* ownThread = nullptr;
__thread std::uint32_t insideDepth = 0;

}  // namespace deadheat::rt

namespace {

/// Below every stack pointer, so that each entry is told, and unlike any, so that each exit is.
deadheat::rt::Frame toldFrames[2];
deadheat::rt::StatelessCalls told = {0, 0, nullptr, {toldFrames + 1, nullptr, nullptr, 0, {}}};

}  // namespace

__thread deadheat::rt::FastState __deadheat_fast = {deadheat::rt::kToldKey, deadheat::rt::kToldKey, &told.calls};

char __deadheat_told = 0;

namespace deadheat::rt {

void beginFastState(Key epochKey, CallStack* calls) {
  setFastState(epochKey);
  __deadheat_fast.calls = calls;
}

void clearFastState() { __deadheat_fast = {kToldKey, kToldKey, &told.calls}; }

namespace {

void takeFirstSlot(Thread* thread) {
  Epoch first = 0;
  thread->slot = takeSlot(thread->clock, thread->id, first);
  thread->clock.set(thread->slot, first);
  thread->epochKey = makeKey(thread->slot, first);
}

void recordThread(Thread* thread) {
  RecordWriter writer(protocol::RecordType::Thread);
  auto* record = writer.add<protocol::ThreadRecord>();
  record->id = thread->id;
  record->parent = thread->parent;
  record->entry = thread->entry;
  std::uint32_t count = thread->createdPc == 0 ? 0 : writer.addCounters(thread->createdContext, thread->createdPc);
  record->stackSize = count;
  record->reportsBefore = static_cast<std::uint32_t>(reportCount());
  thread->record = commitThread(writer);
}

/// A state with an identity, a slot and a record, which knows what `parent` knows.
Thread* makeThread(Thread* parent, Address pc, Address entry) {
  Thread* thread = takeThreadState();
  thread->id = nextThreadId();
  thread->parent = parent != nullptr ? parent->id : kNoThread;
  thread->entry = entry;
  thread->ignoreDepth = options.races ? 0 : 1;
  if (parent != nullptr) {
    thread->createdContext = currentContext(parent);
    thread->createdPc = pc;
    thread->clock.assign(parent->clock);
  }
  takeFirstSlot(thread);
  enterThread(thread);
  recordThread(thread);
  if (parent != nullptr) nextEpoch(parent);
  return thread;
}

void beginHere(Thread* thread) {
  thread->task = static_cast<int>(rawSyscall(SYS_gettid));
  if (thread->record != nullptr) thread->record->osId = static_cast<std::uint64_t>(thread->task);
}

/// Gives `target`'s state up once it has both ended and nobody will join it any more.
void mark(Thread* target, std::uint32_t life) {
  std::uint32_t before = __atomic_fetch_or(&target->life, life, __ATOMIC_ACQ_REL);
  if ((before | life) != (kFinished | kReleased) || before == (kFinished | kReleased)) return;
  leaveThread(target);
  retireThreadRecord(target->record);
  giveThreadState(target);
}

void endThread(Thread* target) {
  if ((__atomic_load_n(&target->life, __ATOMIC_ACQUIRE) & kFinished) != 0) return;
  giveSlot(target->slot, target->epoch());
  mark(target, kFinished);
}

}  // namespace

Thread* currentThread() {
  if (fastThread != nullptr) return fastThread;
  if (insideDepth != 0) return nullptr;
  if (ownThread != nullptr) return ownThread;
  if (!runtimeUp) {
    initialize();
    return insideDepth != 0 ? nullptr : ownThread;
  }
  becomeThread(adoptThread());
  return ownThread;
}

void becomeThread(Thread* thread) {
  ownThread = thread;
  bool told = planActive || options.countAccesses;
  if (told) __atomic_store_n(&__deadheat_told, 1, __ATOMIC_RELAXED);
  fastThread = told ? nullptr : thread;
  fastThread != nullptr ? beginFastState(thread->epochKey, &thread->calls) : clearFastState();
}

Thread* adoptThread() {
  RuntimeScope scope;
  Thread* thread = makeThread(nullptr, 0, 0);
  beginHere(thread);
  ownThread = thread;
  return thread;
}

Thread* threadCreate(Thread* parent, Address pc, Address entry) {
  RuntimeScope scope;
  orphansAmongOthers();
  return makeThread(parent, pc, entry);
}

void threadCreateFailed(Thread* child) {
  RuntimeScope scope;
  endThread(child);
  mark(child, kReleased);
}

void threadStart(Thread* self) {
  {
    RuntimeScope scope;
    beginHere(self);
    findStackBounds(self);
    memoryForgotten(self->stackLow, self->stackHigh - self->stackLow);
  }
  becomeThread(self);
}

void threadFinish(Thread* self) {
  if (self->ignoreRequests != 0) reportEndedIgnoring(self);
  ++insideDepth;  // For good: there is no thread here any more.
  ownThread = nullptr;
  fastThread = nullptr;
  clearFastState();
  memoryForgotten(self->stackLow, self->stackHigh - self->stackLow);
  giveStashBack();
  fastThread = nullptr;
  countAccesses(self->accesses);
  endThread(self);
}

void threadJoined(Thread* self, Thread* target) {
  RuntimeScope scope;
  if (eventsRecorded) recordEvent(self, 0, protocol::EventKind::Join, target->id);
  endThread(target);
  self->clock.join(target->clock);
  mark(target, kReleased);
}

void threadDetached(Thread* target) {
  RuntimeScope scope;
  mark(target, kReleased);
}

ThreadId threadId(const Thread* thread) { return thread->id; }

void threadSetName(Thread* thread, const char* name) {
  if (thread->record == nullptr) return;
  for (std::size_t i = 0; i + 1 < sizeof(thread->record->name); ++i) {
    thread->record->name[i] = *name;
    if (*name != 0) ++name;
  }
}

Thread* fiberCreate(Thread* creator, Address pc) {
  RuntimeScope scope;
  Thread* fiber = makeThread(creator, pc, 0);
  fiber->fiber = true;
  return fiber;
}

void fiberSwitch(Thread* self, Thread* target, bool ordered) {
  if (ordered) {
    RuntimeScope scope;
    target->clock.join(self->clock);
    nextEpoch(self);
  }
  becomeThread(target);
}

void fiberDestroy(Thread* self, Thread* fiber) {
  RuntimeScope scope;
  endThread(fiber);
  mark(fiber, kReleased);
}

void threadsForked(Thread* self) {
  struct Survivor {
    Thread* self;
    static void outlive(Thread* other, void* data) {
      Thread* self = static_cast<Survivor*>(data)->self;
      if (other != self && !other->fiber) self->clock.join(other->clock);
    }
  } survivor{self};
  forEachThread(&Survivor::outlive, &survivor);
}

}  // namespace deadheat::rt
