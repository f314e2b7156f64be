#include "runtime/schedule/watch.h"

#include "runtime/detect/lock_reports.h"
#include "runtime/detect/race_report.h"
#include "runtime/detect/thread.h"
#include "runtime/record/recording.h"
#include "runtime/record/report_hooks.h"
#include "runtime/schedule/looks.h"

namespace deadheat::rt {
namespace {

constexpr std::uint32_t kMostGaps = 64;  ///< Reports.

Looks looks;
std::uint32_t gaps;
std::uint32_t blocked;

bool isRaceSite(const Event& event) {
  return event.isAt(protocol::SiteKind::Read) || event.isAt(protocol::SiteKind::Write);
}

std::uint32_t flagsOf(const Event& event) {
  return (event.changes ? protocol::kAccessWrite : 0) | (event.atomic ? protocol::kAccessAtomic : 0) |
         (event.operation == Operation::Free ? protocol::kAccessFree : 0);
}

RaceAccess accessOf(const Event& event) {
  return {event.thread, flagsOf(event), event.object, event.size, event.pc, event.context, event.site,
          threadById(event.thread)};
}

void reportGap(const Look& look, const Event& act) {
  if (gaps++ >= kMostGaps) return;
  RecordWriter writer(protocol::RecordType::Gap);
  auto* record = writer.add<protocol::GapRecord>();
  record->thread = act.thread;
  record->other = look.change.thread;
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
}

void watchWait(const Controlled& own, RunTime now) {
  for (const Controlled* each : controlled) {
    if (each == &own || !isWaiting(*each, own)) continue;
    if (own.pending.isAt(protocol::SiteKind::Block) && !waitsForLock(own) && waitsForLock(*each))
      reportBlocked(own, *each, now);
    if (each->pending.isAt(protocol::SiteKind::Block) && !waitsForLock(*each) && waitsForLock(own))
      reportBlocked(*each, own, now);
  }
}

}  // namespace deadheat::rt
