#include "runtime/schedule/watch.h"

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

}  // namespace

void startWatch() {
  looks.clear();
  gaps = 0;
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

}  // namespace deadheat::rt
