#include "runtime/schedule/watch.h"

#include "runtime/detect/lock_reports.h"
#include "runtime/detect/race_report.h"
#include "runtime/detect/task_reports.h"
#include "runtime/detect/task_table.h"
#include "runtime/detect/thread.h"
#include "runtime/record/recording.h"
#include "runtime/record/report_hooks.h"
#include "runtime/schedule/looks.h"

namespace deadheat::rt {
namespace {

constexpr std::uint32_t kMostGaps = 64;  ///< Reports.

/// A thread that has waited in a task at a Block site, and done nothing but run it since.
struct BlockedTask {
  ThreadId thread = kNoThread;
  std::uint32_t number;  ///< Of the task, recorded.
  std::uint32_t newest;  ///< Tasks of higher numbers are younger than the wait.
  RunTime nanos;
  std::uint32_t site;
  Context context;
  Address pc;
};

constexpr std::size_t kMostBlockedTasks = 64;

/// What happens in the course of what the looking task does: it called it, or awaits it.
bool isOwn(const Event& look, const Event& event) {
  constexpr int kMostSteps = 32;
  if (look.task == 0) return look.thread == event.thread;
  const Task* caller = event.running;
  for (int i = 0; caller != nullptr && i < kMostSteps; caller = caller->outer, ++i)
    if (caller->number == look.task) return true;
  const Task* awaiter = event.running;
  for (int i = 0; awaiter != nullptr && i < kMostSteps; awaiter = awaiterOf(*awaiter), ++i)
    if (awaiter->number == look.task) return true;
  return false;
}

Looks looks(isOwn);
std::uint32_t gaps;
std::uint32_t blocked;
std::uint32_t tasksNamed;  ///< Of races.
BlockedTask blockedTasks[kMostBlockedTasks];  ///< By thread.

bool isRaceSite(const Event& event) {
  return event.isAt(protocol::SiteKind::Read) || event.isAt(protocol::SiteKind::Write);
}

std::uint32_t flagsOf(const Event& event) {
  return (event.changes ? protocol::kAccessWrite : 0) | (event.atomic ? protocol::kAccessAtomic : 0) |
         (event.operation == Operation::Free ? protocol::kAccessFree : 0);
}


/// The number of the task the event is in, recorded; 0: none, or it is no more.
std::uint32_t recordTaskOf(const Event& event) {
  Task* task = event.running == nullptr ? nullptr : taskAt(event.running->frame);
  return task != nullptr && task->number == event.task ? recordTask(*task) : 0;
}

RaceAccess accessOf(const Event& event) {
  RaceAccess access{event.thread, flagsOf(event), event.object, event.size, event.pc, event.context, event.site,
                    threadById(event.thread)};
  if (event.running != nullptr && tasksNamed++ < kMostGaps) access.task = recordTaskOf(event);
  return access;
}

void reportGap(const Look& look, const Event& act) {
  if (gaps++ >= kMostGaps) return;
  std::uint32_t task = recordTaskOf(act), otherTask = recordTaskOf(look.change);
  RecordWriter writer(protocol::RecordType::Gap);
  auto* record = writer.add<protocol::GapRecord>();
  record->thread = act.thread;
  record->other = look.change.thread;
  record->task = task;
  record->otherTask = otherTask;
  record->address = look.look.object;
  record->size = look.look.size;
  writer.addStack(look.look.context, look.look.pc);
  writer.addStack(look.change.context, look.change.pc);
  writer.addStack(act.context, act.pc);
  notifyReport(writer.commit());
}

/// `waiter` waits for a lock that `holder` holds, which waits at a Block site.
void reportBlocked(const Controlled& holder, const Controlled& waiter, RunTime now) {
  HeldLock held[kMaxHeldShown];
  std::size_t count = heldLocks(holder.thread, held, kMaxHeldShown);
  for (std::size_t i = 0; i < count; ++i) {
    if (held[i].lock != waiter.awaited.address || blocked++ >= kMostGaps) continue;
    recordLock(held[i].lock, held[i].instance);
    RecordWriter writer(protocol::RecordType::Blocked);
    auto* record = writer.add<protocol::BlockedRecord>();
    record->thread = holder.pending.thread;
    record->other = waiter.pending.thread;
    record->lock = {held[i].lock, held[i].instance};
    record->nanos = holder.deadline == kNever || holder.deadline < now ? 0 : holder.deadline - now;
    record->site = holder.pending.site;
    writer.addStack(holder.pending.context, holder.pending.pc);
    writer.addStack(held[i].context, held[i].pc);
    writer.addStack(currentContext(waiter.thread), waiter.pending.pc);
    notifyReport(writer.commit());
  }
}

BlockedTask& blockedTaskOf(ThreadId thread) { return blockedTasks[thread % kMostBlockedTasks]; }

void noteTaskWait(const Controlled& own, RunTime now) {
  const Event& event = own.pending;
  BlockedTask& entry = blockedTaskOf(event.thread);
  if (event.task == 0) {
    if (entry.thread == event.thread) entry.thread = kNoThread;
    return;
  }
  if (!event.isAt(protocol::SiteKind::Block) || blocked >= kMostGaps || recordTaskOf(event) == 0) return;
  RunTime nanos = own.deadline == kNever || own.deadline < now ? 0 : own.deadline - now;
  entry = {event.thread, event.task, task_table::newest(), nanos, event.site, event.context, event.pc};
}

void reportBlockedTask(const BlockedTask& entry, Thread* self, Task& task) {
  ++blocked;
  recordTask(task);
  RecordWriter writer(protocol::RecordType::Blocked);
  auto* record = writer.add<protocol::BlockedRecord>();
  record->thread = record->other = self->id;
  record->nanos = entry.nanos;
  record->site = entry.site;
  record->task = task.number;
  record->waitingTask = entry.number;
  writer.addStack(entry.context, entry.pc);
  writer.addStack(0, 0);
  writer.addStack(0, task.suspendedPc);
  notifyReport(writer.commit());
}

/// The variable is another living thread's.
void watchThreadsOwn(const Event& event) {
  Task* task = event.running == nullptr ? nullptr : taskAt(event.running->frame);
  if (task == nullptr || task->number != event.task) return;
  for (const Controlled* each : controlled) {
    const Thread* thread = each->thread;
    if (thread->id == event.thread || event.object - thread->tlsLow >= thread->tlsHigh - thread->tlsLow) continue;
    reportTaskMisuse(threadById(event.thread), event.pc, protocol::MisuseKind::TaskUsesOtherLocal, *task, {});
  }
}

/// The task that is about to be destroyed has not run since it was created.
void watchDrop(const Event& event) {
  Task* task = event.operation == Operation::Free ? taskAt(event.object) : nullptr;
  if (task == nullptr || task->state() != TaskState::Suspended || task->changed.frame != nullptr) return;
  reportTaskMisuse(threadById(event.thread), event.pc, protocol::MisuseKind::TaskDropped, *task, {});
}

bool waitsForLock(const Controlled& thread) {
  auto kind = static_cast<protocol::ResourceKind>(thread.awaited.kind);
  return kind >= protocol::ResourceKind::Mutex && kind <= protocol::ResourceKind::Spinlock;
}

bool isWaiting(const Controlled& thread, const Controlled& own) {
  return &thread == &own || thread.state == Controlled::State::Waiting;
}

}  // namespace

void startWatch() {
  looks.clear();
  gaps = 0;
  blocked = 0;
  tasksNamed = 0;
  for (BlockedTask& entry : blockedTasks) entry.thread = kNoThread;
}

void noteTask(const Thread* self, Event& event) {
  event.running = self->running;
  event.task = self->running != nullptr ? self->running->number : 0;
}

void watchStep(const Choice& choice) {
  for (std::size_t i = 0; i < choice.allCount; ++i) {
    const Event& a = *choice.all[i];
    if (!isRaceSite(a)) continue;
    for (std::size_t j = i + 1; j < choice.allCount; ++j) {
      const Event& b = *choice.all[j];
      if (isRaceSite(b) && races(a, b)) reportRace(accessOf(b), accessOf(a), protocol::RaceProof::Caught);
    }
  }
}

void watchPerformed(const Event& event) {
  Event performed = event;
  // Its thread stands still, or is the calling one.
  if (event.site == Event::kNoSite && event.changes)
    if (const Thread* thread = threadById(event.thread)) performed.context = currentContext(thread);
  if (const Look* stale = looks.performed(performed)) reportGap(*stale, performed);
  if (event.isAt(protocol::SiteKind::ThreadsOwn)) watchThreadsOwn(event);
  if (event.isAt(protocol::SiteKind::Drop)) watchDrop(event);
}

void watchWait(const Controlled& own, RunTime now) {
  noteTaskWait(own, now);
  for (const Controlled* each : controlled) {
    if (each == &own || !isWaiting(*each, own)) continue;
    if (own.pending.isAt(protocol::SiteKind::Block) && !waitsForLock(own) && waitsForLock(*each))
      reportBlocked(own, *each, now);
    if (each->pending.isAt(protocol::SiteKind::Block) && !waitsForLock(*each) && waitsForLock(own))
      reportBlocked(*each, own, now);
  }
}

void watchResumed(Thread* self, Task& task) {
  BlockedTask& entry = blockedTaskOf(self->id);
  if (entry.thread != self->id || task.number == entry.number) return;
  entry.thread = kNoThread;
  bool stoodStill = task.number <= entry.newest && task.changed.thread == self->id;
  if (stoodStill) reportBlockedTask(entry, self, task);
}

}  // namespace deadheat::rt
