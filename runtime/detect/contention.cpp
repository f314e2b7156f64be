#include "runtime/detect/contention.h"

#include <ctime>

#include "runtime/detect/lock_reports.h"
#include "runtime/detect/lock_table.h"
#include "runtime/detect/mix.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

struct Place {
  Context context;
  Address pc;
  bool operator==(const Place&) const = default;
};

/// Locks made at `made`, taken at `taken`.
struct Row {
  Place made;
  Place taken;
  protocol::LockInfo lock;  ///< The one waited for or held longest.
  ThreadId thread;          ///< Who waited or held longest.
  std::uint64_t waits;
  std::uint64_t waited;
  std::uint64_t longestWait;
  std::uint64_t longestHold;
  std::uint32_t next;  ///< Of the same bucket, plus one.
};

constexpr std::size_t kBuckets = 4096;
constexpr std::size_t kMostRows = 1 << 16;

SpinLock rowsLock;
GrowingArray<Row> rows;
std::uint32_t firstOf[kBuckets];  ///< Index plus one.

/// Null when there are too many. With rowsLock.
Row* rowOf(const Place& made, const Place& taken) {
  std::uint32_t& first = firstOf[mix(mix(made.pc + made.context * 3ull) + taken.pc + taken.context * 5ull) % kBuckets];
  for (std::uint32_t at = first; at != 0; at = rows[at - 1].next)
    if (rows[at - 1].made == made && rows[at - 1].taken == taken) return &rows[at - 1];
  if (rows.size() == kMostRows) return nullptr;
  rows.push({made, taken, {}, 0, 0, 0, 0, 0, first});
  first = static_cast<std::uint32_t>(rows.size());
  return &rows[first - 1];
}

/// Runs `change` on the row of a lock and a place; not of a lock that is not known.
template <class Change>
void count(Address lock, const Place& taken, Change change) {
  Place made{};
  protocol::LockInfo info{};
  bool known = withKnownLock(lock, [&](const LockRecord& record) {
    made = {record.madeContext, record.madePc};
    info = {record.lock, record.instance};
  });
  if (!known || made.pc == 0) return;
  SpinGuard guard(rowsLock);
  if (Row* row = rowOf(made, taken)) change(*row, info);
}

bool before(const Row& a, const Row& b) { return a.waited != b.waited ? a.waited > b.waited : a.longestHold > b.longestHold; }

/// In place and without a library: heap sort, so that the last in order comes last.
void sift(Row* all, std::size_t at, std::size_t size) {
  for (std::size_t child; (child = 2 * at + 1) < size; at = child) {
    if (child + 1 < size && before(all[child], all[child + 1])) ++child;
    if (!before(all[at], all[child])) return;
    Row saved = all[at];
    all[at] = all[child];
    all[child] = saved;
  }
}
void sort(Row* all, std::size_t size) {
  for (std::size_t i = size / 2; i != 0; --i) sift(all, i - 1, size);
  for (std::size_t end = size; end > 1; --end) {
    Row saved = all[0];
    all[0] = all[end - 1];
    all[end - 1] = saved;
    sift(all, 0, end - 1);
  }
}

void write(const Row& row) {
  RecordWriter writer(protocol::RecordType::Contention);
  auto* record = writer.add<protocol::ContentionRecord>();
  record->lock = row.lock;
  record->waits = row.waits;
  record->waitedNanos = row.waited;
  record->longestWaitNanos = row.longestWait;
  record->longestHoldNanos = row.longestHold;
  record->thread = row.thread;
  writer.addStack(row.taken.context, row.taken.pc);
  writer.addStack(row.made.context, row.made.pc);
  writer.commit();
}

}  // namespace

std::uint64_t contentionClock() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000u + static_cast<std::uint64_t>(now.tv_nsec);
}

void contentionWaited(Thread* self, Address pc, Address lock, std::uint64_t nanoseconds) {
  RuntimeScope scope;
  count(lock, {currentContext(self), pc}, [=](Row& row, const protocol::LockInfo& info) {
    ++row.waits;
    row.waited += nanoseconds;
    if (nanoseconds <= row.longestWait) return;
    row.longestWait = nanoseconds;
    row.lock = info;
    row.thread = threadId(self);
  });
}

void contentionHeld(Thread* self, const Held& held) {
  RuntimeScope scope;
  std::uint64_t nanoseconds = contentionClock() - held.since;
  count(held.lock, {held.context, held.pc}, [=](Row& row, const protocol::LockInfo& info) {
    if (nanoseconds <= row.longestHold) return;
    row.longestHold = nanoseconds;
    if (row.waits != 0) return;
    row.lock = info;
    row.thread = threadId(self);
  });
}

void recordContention() {
  if (!options.contention) return;
  SpinGuard guard(rowsLock);
  sort(rows.begin(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) write(rows[i]);
  rows.clear();
  for (std::uint32_t& first : firstOf) first = 0;
}

void contentionForked() {
  rowsLock.reset();
  rows.clear();
  for (std::uint32_t& first : firstOf) first = 0;
}

}  // namespace deadheat::rt
