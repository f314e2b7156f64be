#include "runtime/detect/lock_reports.h"

#include "runtime/detect/lock_table.h"
#include "runtime/detect/memory_place.h"
#include "runtime/detect/mix.h"
#include "runtime/detect/task_reports.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"
#include "runtime/record/report_hooks.h"
#include "runtime/record/suppressions.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kTold = 4096;

SpinLock toldLock;
std::uint64_t told[kTold];  ///< Direct-mapped; a misuse told twice is a nuisance, one not told would be a loss.

bool firstTime(std::uint64_t key) {
  SpinGuard guard(toldLock);
  std::uint64_t& slot = told[key % kTold];
  if (slot == key) return false;
  slot = key;
  return true;
}

/// Locks that ended last.
constexpr std::size_t kDead = 1024;
SpinLock deadLock;
LockRecord dead[kDead];
std::size_t deadCount;

void takeDead(std::uint64_t instance, LockRecord& out) {
  SpinGuard guard(deadLock);
  for (LockRecord& record : dead) {
    if (record.instance != instance || record.recorded) continue;
    out = record;
    record.recorded = true;
  }
}

}  // namespace

void rememberDead(const LockRecord& record) {
  if (record.madePc == 0 || record.usedKey == 0) return;
  SpinGuard guard(deadLock);
  dead[deadCount++ % kDead] = record;
}

void reportCycle(const CycleEdge* edges, std::size_t count, NodeInfo infoOf) {
  if (!options.locks || !options.lockOrder) return;
  for (std::size_t i = 0; i < count; ++i)
    if (suppressesStack(Suppress::Deadlock, edges[i].held.context, edges[i].held.pc) ||
        suppressesStack(Suppress::Deadlock, edges[i].wanted.context, edges[i].wanted.pc))
      return;
  for (std::size_t i = 0; i < count; ++i) {
    protocol::LockInfo lock = infoOf(edges[i].held.node);
    recordLock(lock.address, lock.instance);
  }
  RecordWriter writer(protocol::RecordType::LockCycle);
  writer.add<protocol::LockCycleRecord>()->edgeCount = static_cast<std::uint32_t>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const CycleEdge& edge = edges[i];
    auto* out = writer.add<protocol::LockEdge>();
    out->thread = edge.thread;
    out->modes = (edge.held.mode == Mode::Shared ? 1u : 0u) | (edge.wanted.mode == Mode::Shared ? 2u : 0u);
    out->held = infoOf(edge.held.node);
    out->wanted = infoOf(edge.wanted.node);
    writer.addStack(edge.held.context, edge.held.pc);
    writer.addStack(edge.wanted.context, edge.wanted.pc);
  }
  writer.commit();
}

void recordLock(Address lock, std::uint64_t instance) {
  LockRecord copy{};
  withKnownLock(lock, [&](LockRecord& record) {
    if (record.instance != instance || record.recorded || record.madePc == 0) return;
    copy = record;
    record.recorded = true;
  });
  if (copy.madePc == 0) takeDead(instance, copy);
  if (copy.madePc == 0) return;
  RecordWriter writer(protocol::RecordType::Lock);
  auto* made = writer.add<protocol::LockRecord>();
  made->address = copy.lock;
  made->instance = copy.instance;
  made->thread = copy.madeBy;
  writer.addStack(copy.madeContext, copy.madePc);
  writer.commit();
}

void reportMisuse(Thread* self, Address pc, const LockMisuse& misuse) {
  if (!options.locks || (misuse.kind == protocol::MisuseKind::DestroyLocked && !options.destroyLocked)) return;
  Context context = currentContext(self);
  auto kind = static_cast<unsigned>(misuse.kind);
  if (!firstTime(mix(mix(pc) + mix(context * 8ull + kind)) | 1)) return;
  if (suppressesStack(Suppress::Mutex, context, pc)) return;
  recordLock(misuse.lock, misuse.instance);
  MemoryPlace place(misuse.lock);
  recordTaskStack(self);
  RecordWriter writer(protocol::RecordType::Misuse);
  auto* record = writer.add<protocol::MisuseRecord>();
  record->kind = misuse.kind;
  record->thread = threadId(self);
  record->hasSecond = misuse.takenPc != 0 ? 1 : 0;
  record->place = place.info;
  *writer.add<protocol::LockInfo>() = {misuse.lock, misuse.instance};
  writer.addStack(context, pc);
  if (misuse.takenPc != 0) writer.addStack(misuse.takenContext, misuse.takenPc);
  if (place.info.hasStack != 0) writer.addStack(place.context, place.pc);
  notifyReport(writer.commit());
}

}  // namespace deadheat::rt
