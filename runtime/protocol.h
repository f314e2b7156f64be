// The contract between the tool and the runtime: a plan goes in, a recording comes out.
//
// Both are files named by environment variables, little-endian, made of the plain structs below; every struct's size is
// a multiple of 8 and has no padding. The only header of the runtime that tool/ may include. Any change of layout or
// meaning bumps kProtocolVersion; each side refuses the other's files when the versions differ.
#pragma once

#include <cstdint>

namespace deadheat::protocol {

inline constexpr std::uint32_t kProtocolVersion = 8;

/// Path of a plan file to read at start. Absent: detect only.
inline constexpr char kPlanVariable[] = "DEADHEAT_PLAN";
/// Path of the recording file to create. Absent: print a short report to stderr at exit instead.
inline constexpr char kRecordingVariable[] = "DEADHEAT_RECORDING";
/// Number of a descriptor, a stream socket: the program stands by, before any of its own code ran, as a fork server.
/// Absent: it runs.
inline constexpr char kServerVariable[] = "DEADHEAT_SERVER";
/// Set for a fork server unless the user has set it: the dynamic linker looks up all symbols at once, and not again in
/// each run. The value says that the program is not to see it.
inline constexpr char kBindNowVariable[] = "LD_BIND_NOW";
inline constexpr char kBindNowForServer[] = "deadheat";
/// `name=value` pairs separated by colons; an unknown name is an error that names it.
inline constexpr char kOptionsVariable[] = "DEADHEAT_OPTIONS";

/// Exit code of a program ended by the runtime (deadlock), and of one that ran to its end with reports, unless the
/// option `exitcode` says otherwise.
inline constexpr int kExitWithReports = 66;

/// A string in every program that has the runtime linked in, stripped or not: how the tool knows one.
inline constexpr char kRuntimeMarker[] = "deadheat runtime, protocol 8";
/// In programs of which only places of findings are instrumented; plugin/targeted.cpp puts it there.
inline constexpr char kTargetedMarker[] = "deadheat targeted build, format 1";

// ---- Plan: what to steer towards in this run ------------------------------------------------------------------------

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

// ---- Plan of a controlled run ---------------------------------------------------------------------------------------

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

// ---- Fork server: many runs of one program, one at a time
// --------------------------------------------------------------

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

// ---- Recording: what happened ---------------------------------------------------------------------------------------

inline constexpr char kRecordingMagic[8] = {'D', 'H', 'R', 'E', 'C', '\n', 0, 0};

enum class RunState : std::uint32_t {
  Running = 0,     ///< Not ended in order: killed from outside, or still alive.
  Exited = 1,      ///< `exitCode` is the program's own.
  Deadlocked = 2,  ///< The runtime saw a deadlock and ended the program.
  Crashed = 3,     ///< Ended by signal `signal`.
  Livelocked = 4,  ///< Threads went on, but got nowhere.
  Diverged = 5,    ///< A strict replay found another step than expected; a Note says which.
  Refused = 6,     ///< The plan cannot be followed, as a Note says; nothing of the program's own has run.
};

/// At offset 0. Records follow at kRecordsOffset up to `used`, which the runtime raises only after a record is
/// complete, so a reader may trust everything below it however the program ended. The file may be longer.
struct RecordingHeader {
  char magic[8];
  std::uint32_t version;
  RunState state;
  std::int32_t exitCode;
  std::int32_t signal;
  std::uint64_t pid;
  std::uint64_t used;      ///< Bytes of records that are complete.
  std::uint64_t dropped;   ///< Records that found no room.
  std::uint64_t accesses;  ///< Not maintained unless the option `count_accesses` is on.
  std::uint64_t reserved[8];
};
inline constexpr std::uint64_t kRecordsOffset = 128;
static_assert(sizeof(RecordingHeader) == 120 || sizeof(RecordingHeader) == 128);

enum class RecordType : std::uint32_t {
  Nothing = 0,  ///< Its place is being used for something else.
  Module = 1,
  Thread = 2,
  Race = 3,
  LockCycle = 4,
  Deadlock = 5,
  Misuse = 6,
  SiteReached = 7,
  Note = 8,
  Lock = 9,
  Contention = 10,
  Schedule = 11,
  Deviations = 12,
  Crash = 13,
  Profile = 14,
  Gap = 15,
  Apart = 16,
  Task = 17,
  TaskStack = 18,
  Blocked = 19,
  Trace = 20,
  Events = 21,
  Context = 22,
  Suppression = 23,
};

/// Before every record. `size` counts this header and is a multiple of 8.
struct RecordHeader {
  RecordType type;
  std::uint32_t size;
};

/// A mapped executable segment's module. Followed by the path (zero-terminated, padded to 8).
struct ModuleRecord {
  RecordHeader header;
  std::uint64_t base;   ///< Load bias: run-time address minus ELF virtual address.
  std::uint64_t begin;  ///< Run-time address range.
  std::uint64_t end;
  std::uint8_t buildId[20];
  std::uint32_t buildIdSize;
  std::uint32_t instrumented;  ///< Non-zero: built with deadheat (calls the runtime).
  std::uint32_t pathSize;
};

/// A thread starts. Followed by its creation stack. Main is id 0.
struct ThreadRecord {
  RecordHeader header;
  std::uint32_t id;
  std::uint32_t parent;
  std::uint64_t osId;
  std::uint64_t entry;  ///< Address of the start routine as the program gave it.
  char name[16];
  std::uint32_t stackSize;      ///< Number of std::uint64_t program counters that follow.
  std::uint32_t reportsBefore;  ///< The process had made when it wrote this.
};

/// A stack in a record: `size` program counters follow, innermost first. Entry 0 is the operation's own; the others are
/// return addresses (look up pc-1).
struct StackHeader {
  std::uint32_t size;
  std::uint32_t reserved;
};

enum AccessFlags : std::uint32_t {
  kAccessWrite = 1,
  kAccessAtomic = 2,
  kAccessFree = 4,   ///< free, delete, munmap.
  kAccessRange = 8,  ///< memcpy and the like.
  kAccessVptr = 16,
  kAccessFrame = 32,  ///< With kAccessFree: the end of a stack frame, or of a thread and its variables.
};

/// A lock as a record names it: its address and where it was first locked or initialised. Followed by nothing.
struct LockInfo {
  std::uint64_t address;
  std::uint64_t instance;    ///< Unique number of this lock object's lifetime in the run.
  std::uint64_t shared = 0;  ///< Not 0: held with others (only where a record lists held locks).
};

/// One side of a race. Followed by `heldCount` LockInfo, then a StackHeader and its counters.
struct RaceSide {
  std::uint32_t thread;
  std::uint32_t flags;  ///< AccessFlags.
  std::uint64_t address;
  std::uint64_t size;
  std::uint32_t site;  ///< Plan site, or ~0u.
  std::uint32_t heldCount;
  std::uint32_t
      task;  ///< Recorded, that the access is in; 0: none, or not known. Those of the later thread are told before.
  std::uint32_t reserved;
};

enum class RaceProof : std::uint32_t { Observed = 1, Caught = 2 };

/// What a race is on, as far as the runtime knows. Global variables are Unknown: symbols tell.
enum class Place : std::uint32_t {
  Unknown = 0,
  Heap = 1,         ///< A block; `address`, `size`, who allocated it, and the stack that did.
  Stack = 2,        ///< The stack of `thread`.
  ThreadLocal = 3,  ///< Thread-local variables of `thread`.
  OpenedFile = 4,   ///< Descriptor `address`, which `thread` opened, and the stack that did.
  ClosedFile = 5,   ///< Descriptor `address`, which `thread` closed last, and the stack that did.
};

struct PlaceInfo {
  Place place;
  std::uint32_t thread;
  std::uint64_t address;
  std::uint64_t size;
  std::uint32_t hasStack;  ///< Non-zero: the stack that made it is at the end of the record.
  std::uint32_t task;      ///< Heap: the block is this task's frame; 0: it is none.
};

/// A data race. Followed by two RaceSide (the later access first), then the stack of the place, if it has one, then, if
/// hasSleep, the stack of a sleep of the later thread that comes after the earlier access: all that orders the two.
struct RaceRecord {
  RecordHeader header;
  RaceProof proof;
  std::uint32_t hasSleep;
  PlaceInfo place;
};

/// A lock that reports name: where it was made, or first used if that was not seen. Before the first of them. Followed
/// by the stack.
struct LockRecord {
  RecordHeader header;
  std::uint64_t address;
  std::uint64_t instance;
  std::uint32_t thread;
  std::uint32_t reserved;
};

/// One edge of a cycle: `thread` took `wanted` while it held `held`. Followed by two stacks: where `held` was taken,
/// where `wanted` was.
struct LockEdge {
  std::uint32_t thread;
  std::uint32_t modes;  ///< Bit 0: held shared; bit 1: wanted shared.
  LockInfo held;
  LockInfo wanted;
};

/// A cycle in the lock order that could deadlock. Followed by `edgeCount` LockEdge with their stacks.
struct LockCycleRecord {
  RecordHeader header;
  std::uint32_t edgeCount;
  std::uint32_t reserved;
};

enum class TaskState : std::uint32_t {
  Running = 1,
  Suspended = 2,
  Ended = 3,  ///< Ran to its end; its frame is still there.
  Destroying = 4,
  Destroyed = 5,
};

/// A coroutine or fiber that the report to follow names, as it is now. Followed by three stacks, of which the last two
/// may be empty: where it was created, the innermost function of which is the coroutine itself; where it is suspended,
/// or was last; where it was last resumed, or destroyed.
struct TaskRecord {
  RecordHeader header;
  std::uint32_t task;     ///< Its number, from 1.
  std::uint32_t creator;  ///< The task that created it, or 0.
  std::uint32_t thread;   ///< The thread that did,
  std::uint32_t resumer;  ///< and the one that last resumed or destroyed it.
  TaskState state;
  std::uint32_t reserved;
  std::uint64_t entry;  ///< Of a fiber, whose creation stack does not begin in itself: its function; else 0.
};

/// Which tasks `thread` is in from here on, as far as reports need to know: the one that runs first, then who awaits
/// it, and so on, as far as can be seen. Followed by `count` numbers of 8 bytes, tasks that are recorded.
struct TaskStackRecord {
  RecordHeader header;
  std::uint32_t thread;
  std::uint32_t count;
};

enum class ResourceKind : std::uint32_t {
  None = 0,
  Mutex = 1,
  RwLockRead = 2,
  RwLockWrite = 3,
  Spinlock = 4,
  Condition = 5,
  Semaphore = 6,
  Barrier = 7,
  Once = 8,
  Join = 9,
  Future = 10,
  Futex = 11,
};

/// One stuck thread. Followed by the stack where it waits, then `heldCount` times a LockInfo and the stack where that
/// lock was taken.
struct DeadlockThread {
  std::uint32_t thread;
  ResourceKind wants;
  LockInfo resource;
  std::uint32_t owner;  ///< Thread that holds the resource, or ~0u.
  std::uint32_t heldCount;
};

/// Threads that wait for each other and can never go on. Followed by `threadCount` DeadlockThread, then by `taskCount`
/// numbers of 8 bytes: recorded tasks that are suspended and that nobody is left to resume.
struct DeadlockRecord {
  RecordHeader header;
  std::uint32_t threadCount;
  std::uint32_t everyThread;  ///< Non-zero: no thread of the process can go on.
  std::uint32_t taskCount;
  std::uint32_t reserved;
};

enum class MisuseKind : std::uint32_t {
  UnlockNotHeld = 1,
  UnlockByOther = 2,
  DestroyLocked = 3,
  ExitHoldingLock = 4,
  UseAfterDestroy = 5,
  LockTwice = 6,             ///< By the thread that holds it, which waits for itself.
  ShareLockExclusive = 7,    ///< Locked for reading by the thread that has it for writing.
  ShareUnlockExclusive = 8,  ///< The release for readers, of a lock held for writing.
  HeldWhereForbidden = 9,    ///< __tsan_check_no_mutexes_held.
  NeverMade = 10,            ///< Used, but no lock was made there (custom locks that say when they are made).
  DestroyWaited = 11,        ///< A condition, semaphore or barrier destroyed or freed while threads wait for it.
  WaitWithoutLock = 12,      ///< Of a condition, with a mutex the thread does not hold.
  ConditionTwoMutexes = 13,  ///< Waited for with a mutex while others wait with another.
  TakenByNobody = 14,        ///< Locked, though nobody locked it: copied while it was locked, or never initialised.
  HeldAcrossFork = 15,       ///< Wanted in the child of a fork, held by a thread that only the parent has.
  // No lock is involved from here on.
  ThreadLeaked = 32,     ///< `thread` ended and nobody joined or detached it. The stack created it.
  UnsafeInHandler = 33,  ///< Call in a handler of signal `detail` that such a handler must not make.
  ErrnoChanged = 34,     ///< The handler of signal `detail` left another errno. The stack is the handler.
  EndedIgnoring = 35,    ///< `thread` ended with accesses ignored; the stack is where that began.
  JoinTwice = 36,        ///< Joined or detached although that was done before.
  PromiseBroken = 37,    ///< Asked for the result of a promise that thread `detail` had destroyed without one.
  // At a Result of a plan only, since it may be meant: std::future_error is thrown.
  PromiseKeptTwice = 38,  ///< It has its result already.
  FutureTakenTwice = 39,  ///< Of one promise.
  ResultGone = 40,        ///< The promise or future has no shared state: it was moved from, or gave its result.
  // Tasks: `detail` is which. The second stack is where what the task was in before began.
  TaskResumedRunning = 64,    ///< Resumed while it runs.
  TaskResumedEnded = 65,      ///< Resumed although it has run to its end,
  TaskResumedDestroyed = 66,  ///< or was destroyed.
  TaskDestroyedRunning = 67,  ///< Destroyed while it runs.
  TaskDestroyedTwice = 68,
  TaskStranded = 69,  ///< Suspended for good: nothing in the program holds it. The stack is where.
  TaskCycle = 70,     ///< The same, or destroyed so; it awaits another that awaits it, by way of others or not.
  // At sites of a plan only, since it may be meant.
  TaskUsesOtherLocal = 71,  ///< Uses a thread-local variable of another thread than it runs on.
  TaskDropped = 72,         ///< Destroyed before anything of it ran.
};

/// Something used against its rules. Followed by the LockInfo, the stack, if hasSecond the stack that last took the
/// lock, and the stack of the place, if it has one.
struct MisuseRecord {
  RecordHeader header;
  MisuseKind kind;
  std::uint32_t thread;
  std::uint32_t detail;  ///< Signal number, thread, task, or how many more threads of the same stack leaked.
  std::uint32_t hasSecond;
  PlaceInfo place;  ///< Where the lock is.
};

/// At the end of a run that was asked for contention: locks made at one place, taken at another. Those most waited for
/// come first. Followed by two stacks: where they were taken, where they were made or first used.
struct ContentionRecord {
  RecordHeader header;
  LockInfo lock;  ///< The one waited for longest.
  std::uint64_t waits;
  std::uint64_t waitedNanos;
  std::uint64_t longestWaitNanos;
  std::uint64_t longestHoldNanos;
  std::uint32_t thread;  ///< Who waited longest.
  std::uint32_t reserved;
};

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

/// `thread` acted on what it had seen, and in between `other` changed it. Followed by three stacks: the look, the
/// change, the act. Where a task did (not 0, recorded), it is the task that acted, and the two threads may be the same.
struct GapRecord {
  RecordHeader header;
  std::uint32_t thread;
  std::uint32_t other;
  std::uint32_t task;
  std::uint32_t otherTask;
  std::uint64_t address;
  std::uint64_t size;
};

/// `other` waits for `lock` while `thread`, which holds it, waits for something slow. Followed by three stacks: where
/// `thread` waits, where it took the lock, where `other` wants it. With a `task` there is no lock: `thread` waits in
/// another task, and this one, recorded, which it goes on with next, stands still meanwhile; the third stack is where.
struct BlockedRecord {
  RecordHeader header;
  std::uint32_t thread;
  std::uint32_t other;
  LockInfo lock;
  std::uint64_t nanos;  ///< How long `other` waits for it at least, by the run's own clock; 0: as long as it takes.
  std::uint32_t site;
  std::uint32_t task;
  std::uint32_t waitingTask;  ///< Recorded, too.
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

/// Text for people (what was dropped, what could not be done). Followed by the text, zero-terminated, padded to 8.
struct NoteRecord {
  RecordHeader header;
  std::uint32_t textSize;
  std::uint32_t reserved;
};

/// What the user does not want to hear of: a line `kind:pattern` of a suppressions file. Laid out as a NoteRecord.
using SuppressionRecord = NoteRecord;

}  // namespace deadheat::protocol
