// Records of controlled runs: how they went, and all that happened in them. Part of runtime/protocol.h.
#pragma once

#include <cstdint>

#include "runtime/protocol/plan.h"
#include "runtime/protocol/reports.h"

namespace deadheat::protocol {

/// A plan site was reached for the first time in this run, or held a thread.
struct SiteReachedRecord {
  RecordHeader header;
  std::uint32_t site;
  std::uint32_t thread;
  std::uint32_t held;  ///< Non-zero: the thread was held here.
  std::uint32_t reserved;
};

/// A controlled run. Kept up to date while it goes on, so it tells how far a run got that was killed.
struct ScheduleRecord {
  RecordHeader header;
  std::uint64_t steps;    ///< Decisions between two threads or more.
  std::uint64_t points;   ///< Operations announced.
  std::uint64_t hash;     ///< Of (thread, operation, code) of all steps.
  std::uint64_t threads;  ///< Most that were alive at once.
};

/// One deviation, with a run-time program counter (0: no code). Kind None: not written yet.
struct DeviationEntry {
  DeviationKind kind;
  std::uint32_t thread;
  std::uint32_t chosen;
  std::uint32_t reserved;
  std::uint64_t pc;
  std::uint64_t occurrence;
  std::uint64_t step;
  std::uint64_t hash;
};

/// Room for `capacity` DeviationEntry, which follow; filled in from the front as the run goes on.
struct DeviationsRecord {
  RecordHeader header;
  std::uint64_t capacity;
};

/// A table of `capacity` ProfileEntry, which follow in no order; `count` is 0 where there is none. Counts go on rising
/// as long as the run lasts.
struct ProfileRecord {
  RecordHeader header;
  std::uint64_t capacity;
};

/// What one thread of a controlled run did with one object.
struct ProfileEntry {
  std::uint64_t address;
  std::uint32_t thread;
  std::uint32_t parent;
  std::uint64_t count;
  std::uint64_t changes;  ///< How many of these may have changed it.
};

enum TraceFlags : std::uint32_t {
  kTraceChanges = 1,   ///< The operation may change its object.
  kTraceGaveWay = 2,   ///< Who had the turn before yielded, spins, ended or ends the process: taking it costs nothing.
  kTraceAcquires = 4,  ///< Takes a lock, and waits for it;
  kTraceReleases = 8,  ///< gives one back.
  kTraceExit = 16,     ///< Ends the process.
  kTraceTooMany = 32,  ///< There was a thread that the sets have no bit for.
};

/// One step, or the choice of whom a wake-up goes to. Sets of threads have a bit for each id below 64. The decision's
/// key is as in DeviationEntry.
struct TraceEntry {
  DeviationKind kind;  ///< None: not written yet. Switch: `chosen` performs an operation. Wake: it is woken.
                       ///< Choose: it is an index, and the sets are of indices.
  std::uint32_t chosen;
  std::uint32_t standing;  ///< The default.
  std::uint32_t flags;     ///< TraceFlags.
  std::uint64_t object;    ///< Of the operation,
  std::uint64_t size;      ///< and how many bytes of it.
  std::uint64_t enabled;   ///< Who is worth choosing; Wake: who waits.
  std::uint64_t ready;     ///< Who can go on, also those that gave way.
  std::uint64_t all;       ///< The same and who waits for a time to be over.
  std::uint32_t keyThread;
  std::uint32_t task;  ///< That `chosen` is in, a TaskRecord; 0: none.
  std::uint64_t pc;
  std::uint64_t occurrence;
  std::uint64_t step;  ///< 0: nobody else could go on.
  std::uint64_t hash;
};

/// Room for `capacity` TraceEntry, which follow; filled in from the front as the run goes on.
struct TraceRecord {
  RecordHeader header;
  std::uint64_t capacity;
};

enum class EventKind : std::uint32_t {
  None = 0,     ///< Not written yet.
  Access = 1,   ///< `flags` are AccessFlags.
  Fresh = 2,    ///< The bytes are another object from here on; `flags` 1: a block of the heap, 0: nobody's.
  TryLock = 3,  ///< Tries to take the lock, or waits for a limited time: if Lock does not follow, it was held.
  Lock = 4,     ///< Took it. `flags`: EventLockFlags.
  Unlock = 5,
  Create = 6,  ///< `object` is the new thread's id.
  Join = 7,
  Send = 8,      ///< What came before is before whatever is received from `object` later,
  SendAnew = 9,  ///< which forgets what was sent before.
  Receive = 10,
  ReceiveAndSend = 11,
  Wake = 12,  ///< The thread with the id `object` need not wait any more.
};

enum EventLockFlags : std::uint32_t { kLockShared = 1, kLockDoesNotWait = 2 };

/// Something that happened in a controlled run, in the order in which it did: what threads do with memory they may
/// share, and all that orders them.
struct EventEntry {
  EventKind kind;
  std::uint32_t thread;
  std::uint32_t flags;
  std::uint32_t context;  ///< Calling context; a ContextRecord before tells it.
  std::uint64_t object;
  std::uint64_t size;
  std::uint64_t pc;  ///< Return address of the call that told; 0: no code.
};

/// Room for `capacity` EventEntry, which follow; filled in from the front as the run goes on.
struct EventsRecord {
  RecordHeader header;
  std::uint64_t capacity;
};

/// A calling context. Followed by a stack, whose first counter stands for any code that runs in it.
struct ContextRecord {
  RecordHeader header;
  std::uint32_t context;
  std::uint32_t reserved;
};

enum class ApartReason : std::uint32_t {
  GateLock = 1,  ///< Both hold `lock`, so never at the same time.
  Ordered = 2,   ///< By the creation or join of a thread.
};

/// Why two acquisitions of the plan, made by two threads that would wait for each other, cannot be made at the same
/// time.
struct ApartRecord {
  RecordHeader header;
  ApartReason reason;
  std::uint32_t sites[2];
  std::uint32_t reserved;
  LockInfo lock;  ///< The gate.
};

/// A controlled run ends by a signal, or (signal 0) because threads get nowhere, one of them here. Followed by the
/// stack of the thread, then, if textSize is not 0, by the text that an assertion printed.
struct CrashRecord {
  RecordHeader header;
  std::uint32_t signal;
  std::uint32_t thread;
  std::uint32_t textSize;
  std::uint32_t reserved;
};

}  // namespace deadheat::protocol
