#include "runtime/detect/lock_reports.h"

#include "runtime/detect/mix.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"

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

}  // namespace

void reportCycle(const CycleEdge* edges, std::size_t count, NodeInfo infoOf) {
  if (!options.locks) return;
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

void reportMisuse(Thread* self, Address pc, protocol::MisuseKind kind, const protocol::LockInfo& lock) {
  if (!options.locks) return;
  Context context = currentContext(self);
  if (!firstTime(mix(mix(pc) + mix(context * 8ull + static_cast<unsigned>(kind))) | 1)) return;
  RecordWriter writer(protocol::RecordType::Misuse);
  auto* misuse = writer.add<protocol::MisuseRecord>();
  misuse->kind = kind;
  misuse->thread = threadId(self);
  *writer.add<protocol::LockInfo>() = lock;
  writer.addStack(context, pc);
  writer.commit();
}

}  // namespace deadheat::rt
