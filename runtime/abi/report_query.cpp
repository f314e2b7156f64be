// Asking for the parts of a report: ThreadSanitizer's __tsan_get_report_*, answered from the record.
#include "runtime/abi/export.h"
#include "runtime/detect/thread.h"
#include "runtime/record/recording_file.h"
#include "runtime/record/report_lines.h"
#include "runtime/record/symbols.h"

using namespace deadheat;
using namespace deadheat::rt;

namespace {

struct StackPart {
  const std::uint64_t* counters;
  std::uint32_t size;

  /// With what was called first, where the operation is a call, as in our own reports. Ends with a zero, as far as there
  /// is room.
  void copyTo(void** trace, std::size_t capacity) const {
    std::size_t at = 0;
    Address called = size == 0 ? 0 : shownCallee(counters[0] + 1);
    if (called != 0 && at < capacity) trace[at++] = reinterpret_cast<void*>(called + 1);
    for (std::size_t i = 0; i < size && at < capacity; ++i)
      trace[at++] = reinterpret_cast<void*>(counters[i] + (i == 0 ? 1 : 0));
    while (at < capacity) trace[at++] = nullptr;
  }
};

/// A report taken apart, as far as the interface asks for it.
struct Parts {
  static constexpr std::size_t kMost = 16;

  const char* kind = "";
  protocol::RaceSide sides[2];
  StackPart sideStacks[2];
  std::size_t sideCount = 0;
  protocol::RaceRecord race;
  StackPart placeStack{nullptr, 0};
  bool hasPlace = false;
  StackPart stack{nullptr, 0};
  bool hasStack = false;
  protocol::LockInfo locks[kMost];
  std::size_t lockCount = 0;
  std::uint32_t threads[kMost];
  std::size_t threadCount = 0;

  explicit Parts(const void* report) {
    const auto& record = *static_cast<const protocol::RecordHeader*>(report);
    RecordReader reader(record);
    if (record.type == protocol::RecordType::Race) readRace(reader);
    if (record.type == protocol::RecordType::Misuse) readMisuse(reader);
    if (record.type == protocol::RecordType::LockCycle) kind = "lock-order-inversion";
    if (record.type == protocol::RecordType::Deadlock) kind = "deadlock";
  }

 private:
  void lock(const protocol::LockInfo& lock) {
    for (std::size_t i = 0; i < lockCount; ++i)
      if (locks[i].instance == lock.instance) return;
    if (lock.instance != 0 && lockCount < kMost) locks[lockCount++] = lock;
  }
  void thread(std::uint32_t id) {
    for (std::size_t i = 0; i < threadCount; ++i)
      if (threads[i] == id) return;
    if (id != kNoThread && threadCount < kMost) threads[threadCount++] = id;
  }
  StackPart takeStack(RecordReader& reader) {
    StackPart part{nullptr, 0};
    part.counters = reader.takeStack(part.size);
    return part;
  }

  void readRace(RecordReader& reader) {
    race = reader.take<protocol::RaceRecord>();
    for (; sideCount < 2; ++sideCount) {
      sides[sideCount] = reader.take<protocol::RaceSide>();
      for (std::uint32_t i = 0; i < sides[sideCount].heldCount; ++i) lock(reader.take<protocol::LockInfo>());
      sideStacks[sideCount] = takeStack(reader);
      thread(sides[sideCount].thread);
    }
    if (race.place.hasStack != 0) placeStack = takeStack(reader);
    hasPlace = true;
    bool freed = (sides[1].flags & protocol::kAccessFree) != 0;
    bool vptr = (sides[0].flags & protocol::kAccessVptr) != 0;
    kind = freed ? (vptr ? "heap-use-after-free-vptr" : "heap-use-after-free") : vptr ? "data-race-vptr" : "data-race";
  }

  void readMisuse(RecordReader& reader) {
    auto misuse = reader.take<protocol::MisuseRecord>();
    lock(reader.take<protocol::LockInfo>());
    thread(misuse.thread);
    stack = takeStack(reader);
    hasStack = true;
    kind = name(misuse.kind);
  }

  static const char* name(protocol::MisuseKind kind) {
    switch (kind) {
      case protocol::MisuseKind::UnlockNotHeld:
      case protocol::MisuseKind::UnlockByOther: return "mutex-bad-unlock";
      case protocol::MisuseKind::DestroyLocked: return "locked-mutex-destroy";
      case protocol::MisuseKind::ExitHoldingLock: return "mutex-held-at-thread-end";
      case protocol::MisuseKind::UseAfterDestroy:
      case protocol::MisuseKind::NeverMade: return "mutex-invalid-access";
      case protocol::MisuseKind::LockTwice: return "mutex-double-lock";
      case protocol::MisuseKind::ShareLockExclusive: return "mutex-bad-read-lock";
      case protocol::MisuseKind::ShareUnlockExclusive: return "mutex-bad-read-unlock";
      case protocol::MisuseKind::HeldWhereForbidden: return "mutex-held-in-wrong-context";
      case protocol::MisuseKind::ThreadLeaked: return "thread-leak";
      case protocol::MisuseKind::UnsafeInHandler: return "signal-unsafe-call";
      case protocol::MisuseKind::ErrnoChanged: return "errno-in-signal-handler";
      case protocol::MisuseKind::EndedIgnoring: return "thread-ended-ignoring";
    }
    return "misuse";
  }
};

}  // namespace

DEADHEAT_EXPORT int __tsan_get_report_data(void* report, const char** description, int* count, int* stackCount,
                                           int* accessCount, int* placeCount, int* mutexCount, int* threadCount,
                                           int* uniqueThreadCount, void** sleepTrace, unsigned long traceSize) {
  Parts parts(report);
  *description = parts.kind;
  *count = 0;
  *stackCount = parts.hasStack ? 1 : 0;
  *accessCount = static_cast<int>(parts.sideCount);
  *placeCount = parts.hasPlace ? 1 : 0;
  *mutexCount = static_cast<int>(parts.lockCount);
  *threadCount = static_cast<int>(parts.threadCount);
  *uniqueThreadCount = static_cast<int>(parts.threadCount);
  for (unsigned long i = 0; i < traceSize; ++i) sleepTrace[i] = nullptr;
  return 1;
}

DEADHEAT_EXPORT int __tsan_get_report_tag(void* report, unsigned long* tag) {
  *tag = 0;
  return 1;
}

DEADHEAT_EXPORT int __tsan_get_report_stack(void* report, unsigned long index, void** trace, unsigned long traceSize) {
  Parts parts(report);
  if (!parts.hasStack || index != 0) return 0;
  parts.stack.copyTo(trace, traceSize);
  return 1;
}

DEADHEAT_EXPORT int __tsan_get_report_mop(void* report, unsigned long index, int* thread, void** address, int* size,
                                          int* write, int* atomic, void** trace, unsigned long traceSize) {
  Parts parts(report);
  if (index >= parts.sideCount) return 0;
  const protocol::RaceSide& side = parts.sides[index];
  *thread = static_cast<int>(side.thread);
  *address = reinterpret_cast<void*>(side.address);
  *size = static_cast<int>(side.size);
  *write = (side.flags & protocol::kAccessWrite) != 0 ? 1 : 0;
  *atomic = (side.flags & protocol::kAccessAtomic) != 0 ? 1 : 0;
  parts.sideStacks[index].copyTo(trace, traceSize);
  return 1;
}

DEADHEAT_EXPORT int __tsan_get_report_loc(void* report, unsigned long index, const char** type, void** address,
                                          unsigned long* start, unsigned long* size, int* thread, int* descriptor,
                                          int* suppressable, void** trace, unsigned long traceSize) {
  Parts parts(report);
  if (!parts.hasPlace || index != 0) return 0;
  bool file = parts.race.place.place == protocol::Place::OpenedFile || parts.race.place.place == protocol::Place::ClosedFile;
  Symbol variable;
  bool global = parts.race.place.place == protocol::Place::Unknown && variableAt(parts.sides[1].address, variable);
  *type = parts.race.place.place == protocol::Place::Heap          ? "heap"
          : parts.race.place.place == protocol::Place::Stack       ? "stack"
          : parts.race.place.place == protocol::Place::ThreadLocal ? "tls"
          : file                                             ? "fd"
                                                             : "global";
  *address = reinterpret_cast<void*>(parts.sides[1].address);
  *start = global ? variable.begin : parts.race.place.address;
  *size = global ? variable.size : parts.race.place.size;
  *thread = static_cast<int>(parts.race.place.thread);
  *descriptor = file ? static_cast<int>(parts.race.place.address) : 0;
  *suppressable = global ? 1 : 0;
  parts.placeStack.copyTo(trace, traceSize);
  return 1;
}

DEADHEAT_EXPORT int __tsan_get_report_mutex(void* report, unsigned long index, std::uint64_t* id, void** address,
                                            int* destroyed, void** trace, unsigned long traceSize) {
  Parts parts(report);
  if (index >= parts.lockCount) return 0;
  *id = parts.locks[index].instance;
  *address = reinterpret_cast<void*>(parts.locks[index].address);
  *destroyed = 0;
  StackPart made{nullptr, 0};
  findRecord<protocol::LockRecord>(
      protocol::RecordType::Lock,
      [&](const protocol::LockRecord& lock) { return lock.instance == parts.locks[index].instance; },
      [&](const protocol::LockRecord& lock) {
        RecordReader reader(lock.header);
        reader.take<protocol::LockRecord>();
        made.counters = reader.takeStack(made.size);
      });
  made.copyTo(trace, traceSize);
  return 1;
}

DEADHEAT_EXPORT int __tsan_get_report_thread(void* report, unsigned long index, int* thread, std::uint64_t* osId,
                                             int* running, const char** name, int* parent, void** trace,
                                             unsigned long traceSize) {
  Parts parts(report);
  if (index >= parts.threadCount) return 0;
  const Thread* state = threadById(parts.threads[index]);
  *thread = static_cast<int>(parts.threads[index]);
  *running = state != nullptr && (__atomic_load_n(&state->life, __ATOMIC_ACQUIRE) & kFinished) == 0 ? 1 : 0;
  StackPart created{nullptr, 0};
  findRecord<protocol::ThreadRecord>(
      protocol::RecordType::Thread,
      [&](const protocol::ThreadRecord& record) { return record.id == parts.threads[index]; },
      [&](const protocol::ThreadRecord& record) {
        *osId = record.osId;
        *name = record.name;
        *parent = static_cast<int>(record.parent);
        RecordReader reader(record.header);
        reader.take<protocol::ThreadRecord>();
        created = {reader.takeCounters(record.stackSize), record.stackSize};
      });
  created.copyTo(trace, traceSize);
  return 1;
}

DEADHEAT_EXPORT int __tsan_get_report_unique_tid(void* report, unsigned long index, int* thread) {
  Parts parts(report);
  if (index >= parts.threadCount) return 0;
  *thread = static_cast<int>(parts.threads[index]);
  return 1;
}
