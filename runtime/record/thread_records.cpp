#include "runtime/record/thread_records.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kNeverRetired = 1 << 14;
/// Those that ended last keep their records, too.
constexpr std::size_t kRetired = 1 << 12;

// Guarded by recordingLock(): a ring.
protocol::ThreadRecord* retired[kRetired];
std::size_t first;
std::size_t count;
std::size_t written;

}  // namespace

protocol::ThreadRecord* commitThread(RecordWriter& writer) {
  protocol::ThreadRecord* place = count == kRetired ? retired[first] : nullptr;
  bool fits = place != nullptr && writer.size() <= place->header.size;
  if (place != nullptr) {  // One that does not fit makes room for others all the same.
    first = (first + 1) % kRetired;
    --count;
  }
  if (!fits) ++written;
  return static_cast<protocol::ThreadRecord*>(fits ? writer.commitInPlaceOf(&place->header) : writer.commit());
}

void retireThreadRecord(protocol::ThreadRecord* record) {
  if (record == nullptr || planActive) return;
  SpinGuard guard(recordingLock());
  if (written < kNeverRetired || count == kRetired || record->reportsBefore != static_cast<std::uint32_t>(reportCount())) return;
  retired[(first + count++) % kRetired] = record;
}

void keepThreadRecords() { count = 0; }

}  // namespace deadheat::rt
