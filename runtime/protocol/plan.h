// Plan: what to steer towards in this run; and what a fork server is asked for, which makes many runs of one program,
// one at a time. Part of runtime/protocol.h.
#pragma once

#include <cstdint>

namespace deadheat::protocol {

inline constexpr char kPlanMagic[8] = {'D', 'H', 'P', 'L', 'A', 'N', '\n', 0};

enum class PlanMode : std::uint32_t {
  Race = 1,  ///< Hold a thread before a candidate access until another stands at a conflicting one on the same bytes.
  Deadlock = 2,  ///< Hold threads before the last acquisition of each component of a lock cycle.
  Control = 3,   ///< One thread runs at a time; a strategy says which.
};

/// Followed by `siteCount` PlanSite, `moduleCount` PlanModule, `rangeCount` PlanRange; if the mode is Control, then by
/// one PlanSchedule and its PlanDeviations, PlanFocus and PlanTrailSteps.
struct PlanHeader {
  char magic[8];
  std::uint32_t version;
  PlanMode mode;
  std::uint64_t seed;             ///< Draws of this run: which side is held, which goes first.
  std::uint32_t holdMillis;       ///< Longest a thread is held in one go.
  std::uint32_t totalHoldMillis;  ///< Longest all holds of a run may take together.
  std::uint32_t attempt;          ///< 0-based number of this run for the finding.
  std::uint32_t siteCount;
  std::uint32_t moduleCount;
  std::uint32_t rangeCount;
};

enum class SiteKind : std::uint32_t {
  Read = 1,
  Write = 2,
  Acquire = 3,
  Look = 4,         ///< A thread reads what it will act on,
  Act = 5,          ///< and writes by what it saw,
  Rest = 6,         ///< or goes to sleep.
  Hold = 7,         ///< Where the lock was taken that the Acquire of the same component is made under.
  Lend = 8,         ///< A thread is created that is given the address of a variable of its creator's,
  Block = 9,        ///< or a thread waits for something slow, with a lock held or in a task.
  ThreadsOwn = 10,  ///< A task uses a thread-local variable, which it may have learnt of on another thread.
  Drop = 11,        ///< A task is destroyed that may never have run.
  Result = 12,      ///< A promise is kept that may have been, or a future asked that may have nothing to give.
};

/// One operation of the hazard. Race: any two sites with overlapping bytes and a write, also one site with itself in
/// two threads. Deadlock: site i is the last acquisition of component i; one site may stand for several threads; where
/// a component has Hold sites too, its thread holds a lock taken at one of them. Gap: a Look, and an Act or Rest of the
/// same thread. Scope: a Lend, and where it is known a Read or Write of the variable by the new thread. Block: one
/// Block. Of tasks: one ThreadsOwn, or one Drop. One Result.
struct PlanSite {
  SiteKind kind;
  std::uint32_t component;
};

/// A module the ranges lie in, known by build id (first 20 bytes, zero-filled) or, when it has none, by base name.
struct PlanModule {
  std::uint8_t buildId[20];
  std::uint32_t buildIdSize;
  char baseName[104];
};

/// Code addresses [begin, end) relative to the module's load address (ELF virtual addresses) that belong to a site. An
/// operation is at the site when its own program counter, or the call that one of its nearest frames is in, lies in
/// one.
struct PlanRange {
  std::uint32_t module;
  std::uint32_t site;
  std::uint64_t begin;
  std::uint64_t end;
};

// Plan of a controlled run.

/// How the next thread is chosen; each is a file in runtime/schedule/.
enum class ScheduleStrategy : std::uint32_t {
  Replay = 1,  ///< As the deviations say; elsewhere stay on the current thread.
  Random = 2,
  Pct = 3,
  Pos = 4,
  Surw = 5,
  Stall = 6,
  Race = 8,  ///< Directed: the plan's sites are made to meet.
  Deadlock = 9,
  Gap = 10,
  Scope = 11,
  Block = 12,
};
inline constexpr std::uint32_t kStrategies = 12;

/// Which memory accesses are scheduling points. Operations that synchronise, atomics among them, always are.
enum class SchedulePoints : std::uint32_t { Synchronisation = 1, Sites = 2, All = 3 };

/// What a controlled run records on request.
enum ScheduleRecords : std::uint32_t {
  kRecordProfile = 1,  ///< A ProfileRecord.
  kRecordTrace = 2,    ///< TraceRecords.
  kRecordEvents = 4,   ///< EventsRecords and ContextRecords.
};

struct PlanSchedule {
  ScheduleStrategy strategy;
  SchedulePoints points;
  std::uint32_t depth;          ///< Pct: number of ordering constraints of the bug, at least 1.
  std::uint32_t strict;         ///< Replay: not 0: end the process where the run diverges from the deviations.
  std::uint64_t expectedSteps;  ///< Pct: steps of a run, from an earlier one.
  std::uint64_t mostSteps;      ///< After so many the default is done everywhere.
  std::uint64_t deviationCount;
  std::uint64_t startSeconds;  ///< What the program's calendar says when the run starts.
  std::uint64_t spurious;      ///< Most wake-ups of waiters for a condition that nobody asked for.
  std::uint64_t focus;         ///< Surw: address of the object whose operations are ordered,
  std::uint64_t focusCount;    ///< and how many PlanFocus follow the deviations.
  std::uint32_t processor;     ///< The run keeps to the processor of this number among those it may use.
  std::uint32_t records;       ///< What the recording gets besides: bits of ScheduleRecords.
  std::uint32_t order;         ///< Race: who goes first where two meet: 0 the one that waited, 1 the one that came.
  std::uint32_t reserved;
  std::uint64_t trailCount;   ///< Strict: PlanTrailSteps that follow the PlanFocus, each of the run's `trailStride`-th
  std::uint64_t trailStride;  ///< operation, from the first; at least 1.
};

/// How often a thread uses the object of the focus, by an earlier run.
struct PlanFocus {
  std::uint32_t thread;
  std::uint32_t parent;  ///< Who creates it.
  std::uint64_t count;
};

enum class DeviationKind : std::uint32_t {
  None = 0,
  Switch = 1,  ///< `chosen` runs instead of the thread that would have.
  Wake = 2,    ///< The wake-up goes to `chosen` instead of the thread that waited longest.
  Choose = 3,  ///< The program did the `chosen`-th of what it left open, instead of the first (index 0).
};

/// A step at which a run did not do the default: stay on the current thread if it can go on and has not given way, else
/// take the first thread that can. Keyed by what the current thread was about to do: its operation at `offset` of
/// `module` (~0u: no code, a thread that starts or ends), the `occurrence`-th decision there in that thread.
struct PlanDeviation {
  DeviationKind kind;
  std::uint32_t thread;
  std::uint32_t chosen;
  std::uint32_t module;
  std::uint64_t offset;
  std::uint64_t occurrence;
  std::uint64_t step;  ///< Number of the step in the run, and the
  std::uint64_t hash;  ///< hash of all steps up to it. Only looked at when strict.
};

/// One operation at which threads could be switched, as the recorded run had it: by `thread`, at `offset` of `module`
/// (~0u: no code), with `hash` of all before.
struct PlanTrailStep {
  std::uint64_t hash;
  std::uint64_t offset;
  std::uint32_t thread;
  std::uint32_t module;
};

/// To the server: a run is wanted. Followed by `planSize` bytes, laid out as a plan file. The run's recording is in the
/// server's file, from its Ended to the next request.
struct RunRequest {
  std::uint64_t planSize;
};

enum class ServerWord : std::uint32_t {
  Ready = 1,       ///< Once, before the first request.
  CannotFork = 2,  ///< Instead, and the server ends; or in answer to a request.
  Ended = 3,       ///< The run did, with `status` as waitpid has it; what it left in its process group was killed.
};

struct ServerReply {
  ServerWord word;
  std::int32_t status;
};

}  // namespace deadheat::protocol
