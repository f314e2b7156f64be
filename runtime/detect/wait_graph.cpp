#include "runtime/detect/wait_graph.h"

#include "runtime/detect/locks.h"
#include "runtime/detect/task_reports.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

using protocol::ResourceKind;

GrowingArray<Waiting> waiting;
GrowingArray<Waiter> waiters;
GrowingArray<std::uint32_t> blockers;
GrowingArray<std::uint32_t> firstBlocker;
GrowingArray<std::uint32_t> pending;
GrowingArray<char> visited;

bool isLock(ResourceKind kind) {
  return kind == ResourceKind::Mutex || kind == ResourceKind::RwLockRead || kind == ResourceKind::RwLockWrite ||
         kind == ResourceKind::Spinlock;
}

void addBlocker(ThreadId id) {
  const Thread* thread = threadById(id);
  if (thread != nullptr && thread->id == id && thread->wait.blocked) blockers.push(thread->wait.index);
}

/// Shared holders are known only from the held sets; those that are not blocked do not matter.
void addSharedHolders(Address lock) {
  for (std::size_t i = 0; i < waiting.size(); ++i)
    if (holdsLock(waiting[i].thread, lock)) blockers.push(static_cast<std::uint32_t>(i));
}

/// Finds whom waiter `i` waits for. Returns whether anybody may wake it.
bool addEdges(std::size_t i) {
  Waiting& it = waiting[i];
  Resource resource = awaited(it.thread);
  auto kind = static_cast<ResourceKind>(resource.kind);
  if (kind == ResourceKind::Join) {
    it.owner = resource.target;
    addBlocker(resource.target);
    return false;
  }
  if (!isLock(kind) && kind != ResourceKind::Once) return true;
  Holders holders = holdersOf(resource.address);
  it.instance = holders.instance;
  if (holders.owner == kEndedThread) {
    blockers.push(static_cast<std::uint32_t>(i));  // Nobody can release it: as good as waiting for itself.
  } else if (holders.owner != kNoThread) {
    it.owner = holders.owner;
    addBlocker(holders.owner);
  } else if (holders.shared != 0) {
    addSharedHolders(resource.address);
  }
  return kind == ResourceKind::Once && holders.owner == kNoThread;
}

void writeThread(RecordWriter& writer, const Waiting& it) {
  const WaitState& wait = it.thread->wait;
  HeldLock held[kMaxHeldShown];
  std::size_t heldCount = heldLocks(it.thread, held, kMaxHeldShown);
  auto* out = writer.add<protocol::DeadlockThread>();
  out->thread = it.thread->id;
  Resource resource = awaited(it.thread);
  out->wants = static_cast<ResourceKind>(resource.kind);
  out->resource = {resource.address, it.instance};
  out->owner = it.owner;
  out->heldCount = static_cast<std::uint32_t>(heldCount);
  writer.addStack(wait.context, wait.pc);
  for (std::size_t i = 0; i < heldCount; ++i) {
    *writer.add<protocol::LockInfo>() = {held[i].lock, held[i].instance};
    writer.addStack(held[i].context, held[i].pc);
  }
}

constexpr std::size_t kMostTasks = 16;
GrowingArray<Task*> suspended;

void collectSuspended(Task* task, void*) {
  if (task->state() == TaskState::Suspended && suspended.size() < kMostTasks) suspended.push(task);
}

}  // namespace

Resource awaited(const Thread* thread) {
  const WaitState& wait = thread->wait;
  if (!wait.retaking) return wait.resource;
  return {static_cast<std::uint32_t>(ResourceKind::Mutex), wait.resource.mutex, kNoThread};
}

WaitPicture takePicture(Thread* first, std::size_t count, bool othersLive) {
  waiting.clear();
  waiters.clear();
  blockers.clear();
  firstBlocker.clear();
  for (Thread* thread = first; thread != nullptr; thread = thread->wait.next) {
    thread->wait.index = static_cast<std::uint32_t>(waiting.size());
    waiting.push({thread, kNoThread, 0});
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    firstBlocker.push(static_cast<std::uint32_t>(blockers.size()));
    waiters.push({nullptr, 0, addEdges(i), false});
  }
  firstBlocker.push(static_cast<std::uint32_t>(blockers.size()));
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    waiters[i].blockers = blockers.begin() + firstBlocker[i];
    waiters[i].blockerCount = firstBlocker[i + 1] - firstBlocker[i];
  }
  std::size_t stuck = markStuck(waiters.begin(), waiters.size(), othersLive);
  return {waiting.begin(), waiters.begin(), waiting.size(), stuck};
}

bool dependsOnWaking(const WaitPicture& picture, std::uint32_t index) {
  visited.clear();
  for (std::size_t i = 0; i < picture.count; ++i) visited.push(0);
  pending.clear();
  pending.push(index);
  while (pending.size() != 0) {
    std::uint32_t at = pending.pop();
    const Waiter& waiter = picture.waiters[at];
    if (visited[at] != 0) continue;
    visited[at] = 1;
    if (waiter.anyoneWakes) return true;
    for (std::uint32_t i = 0; i < waiter.blockerCount; ++i)
      if (picture.waiters[waiter.blockers[i]].stuck) pending.push(waiter.blockers[i]);
  }
  return false;
}

void reportDeadlock(const WaitPicture& picture, bool everyThread) {
  for (std::size_t i = 0; i < picture.count; ++i)
    if (picture.waiters[i].stuck) recordTaskStack(picture.waiting[i].thread);
  suspended.clear();
  if (everyThread) forEachTask(collectSuspended, nullptr);
  for (Task* task : suspended) recordTask(*task);
  RecordWriter writer(protocol::RecordType::Deadlock);
  auto* record = writer.add<protocol::DeadlockRecord>();
  record->threadCount = static_cast<std::uint32_t>(picture.stuck);
  record->everyThread = everyThread ? 1 : 0;
  for (std::size_t i = 0; i < picture.count; ++i)
    if (picture.waiters[i].stuck) writeThread(writer, picture.waiting[i]);
  record->taskCount = static_cast<std::uint32_t>(suspended.size());
  for (const Task* task : suspended) *writer.add<std::uint64_t>() = task->number;
  writer.commit();
}

}  // namespace deadheat::rt
