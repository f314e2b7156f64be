#include "runtime/schedule/profile.h"

#include "runtime/detect/mix.h"
#include "runtime/protocol.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kCapacity = 4096;
constexpr std::size_t kMostProbes = 64;

protocol::ProfileEntry* entries;  ///< In the recording: an open-addressed table.

}  // namespace

void beginProfile() {
  RecordWriter writer(protocol::RecordType::Profile);
  writer.add<protocol::ProfileRecord>()->capacity = kCapacity;
  protocol::ProfileEntry* first = nullptr;
  for (std::size_t i = 0; i < kCapacity; ++i) {
    auto* entry = writer.add<protocol::ProfileEntry>();
    if (i == 0) first = entry;
  }
  entries = writer.commit() == nullptr ? nullptr : first;
}

void countOperation(const Event& event, ThreadId parent) {
  if (entries == nullptr || event.object == 0) return;
  std::size_t at = mix(event.object * 64 + event.thread) % kCapacity;
  for (std::size_t probes = 0; probes < kMostProbes; ++probes, at = (at + 1) % kCapacity) {
    protocol::ProfileEntry& entry = entries[at];
    if (entry.count != 0 && (entry.address != event.object || entry.thread != event.thread)) continue;
    entry.address = event.object;
    entry.thread = event.thread;
    entry.parent = parent;
    entry.changes += event.changes ? 1 : 0;
    ++entry.count;
    return;
  }
}

}  // namespace deadheat::rt
