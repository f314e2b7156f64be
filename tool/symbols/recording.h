// Recording: what the runtime wrote about one run, as plain values. The reader's half of runtime/protocol.h.
//
// Program counters stay numbers here; symbolizer.h turns them into functions and lines.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "llvm/Support/Error.h"
#include "llvm/ADT/StringRef.h"
#include "runtime/protocol.h"

namespace deadheat {

/// Program counters, innermost first. Entry 0 is the operation's own, the others are return addresses.
struct RecordedStack {
  std::vector<std::uint64_t> counters;
  auto operator<=>(const RecordedStack&) const = default;
};

/// A loaded module. `base` is run-time address minus ELF virtual address.
struct RecordedModule {
  std::string path;
  std::uint64_t base = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::vector<std::uint8_t> buildId;
  bool instrumented = false;
};

struct RecordedThread {
  std::uint32_t id = 0;
  std::uint32_t parent = 0;
  std::uint64_t entry = 0;
  std::string name;  ///< As the program named it; may be empty.
  RecordedStack created;
};

using RecordedLock = protocol::LockInfo;

/// A coroutine as it was when a report named it.
struct RecordedTask {
  std::uint32_t number = 0;
  std::uint32_t creator = 0;  ///< Task, or 0.
  std::uint32_t thread = 0;   ///< That created it,
  std::uint32_t resumer = 0;  ///< and that last resumed or destroyed it.
  protocol::TaskState state{};
  std::uint64_t entry = 0;    ///< Of a fiber: its function.
  RecordedStack created;    ///< A coroutine: the innermost function is it.
  RecordedStack suspended;  ///< Where it is suspended, or was last; may be empty.
  RecordedStack resumed;    ///< Where it was last resumed or destroyed.
};

/// The coroutines a thread is in: the one that runs, then those that await it.
using RecordedTasks = std::vector<RecordedTask>;

/// One access of a race. `flags` are protocol::AccessFlags; `site` is set when the plan led here.
struct RecordedAccess {
  std::uint32_t thread = 0;
  std::uint32_t flags = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::optional<std::uint32_t> site;
  std::vector<RecordedLock> held;
  RecordedStack stack;
  RecordedTasks tasks{};  ///< At most one: which the access is in, as far as it is known.
};

struct RecordedAllocation {
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::uint32_t thread = 0;
  RecordedStack stack;
  std::optional<RecordedTask> frameOf{};  ///< The block is the frame of this coroutine.
};

/// A file descriptor, and who opened it or closed it last.
struct RecordedDescriptor {
  std::uint64_t number = 0;
  bool closed = false;
  std::uint32_t thread = 0;
  RecordedStack stack;
};

struct RecordedRace {
  protocol::RaceProof proof = protocol::RaceProof::Observed;
  std::array<RecordedAccess, 2> sides;  ///< The later access first.
  std::optional<RecordedAllocation> allocation;
  std::optional<RecordedDescriptor> descriptor;  ///< The race is on this and not on memory.
  RecordedTasks tasks;                           ///< Of the later thread.
  std::optional<RecordedStack> sleep;            ///< All that comes between the two accesses is this sleep.
  bool predicted = false;  ///< It did not happen; the run's events say that it can (tool/predict/).
};

struct RecordedLockEdge {
  std::uint32_t thread = 0;
  bool heldShared = false;
  bool wantedShared = false;
  RecordedLock held{};
  RecordedLock wanted{};
  RecordedStack heldStack;
  RecordedStack wantedStack;
};

struct RecordedLockCycle {
  std::vector<RecordedLockEdge> edges;
  bool predicted = false;  ///< The run's events say that it can close, not its locks alone (tool/predict/).
};

struct RecordedHeldLock {
  RecordedLock lock{};
  RecordedStack stack;
};

struct RecordedStuckThread {
  std::uint32_t thread = 0;
  protocol::ResourceKind wants = protocol::ResourceKind::None;
  RecordedLock resource{};
  std::optional<std::uint32_t> owner;
  RecordedStack stack;
  std::vector<RecordedHeldLock> held;
  RecordedTasks tasks;
};

struct RecordedDeadlock {
  std::vector<RecordedStuckThread> threads;
  RecordedTasks suspended;  ///< That nobody is left to resume.
  bool everyThread = false;
};

struct RecordedMisuse {
  protocol::MisuseKind kind{};
  std::uint32_t thread = 0;
  RecordedLock lock{};  ///< Instance 0: none is involved.
  RecordedStack stack;
  std::uint32_t detail = 0;  ///< As in protocol::MisuseRecord.
  std::optional<RecordedStack> before;  ///< What it contradicts: where the lock was taken, the coroutine resumed.
  RecordedTasks tasks;                  ///< Of the thread.
  std::optional<RecordedTask> task;     ///< What is misused.
};

/// Waits for locks made at one place by threads that took them at another. Times are nanoseconds.
struct RecordedContention {
  RecordedLock lock{};
  std::uint64_t waits = 0;
  std::uint64_t waited = 0;
  std::uint64_t longestWait = 0;
  std::uint64_t longestHold = 0;
  RecordedStack taken;
  RecordedStack made;
};

/// A step at which a controlled run did not do the default; `pc` is 0 where there is no code.
struct RecordedDeviation {
  protocol::DeviationKind kind{};
  std::uint32_t thread = 0;
  std::uint32_t chosen = 0;
  std::uint64_t pc = 0;
  std::uint64_t occurrence = 0;
  std::uint64_t step = 0;
  std::uint64_t hash = 0;
};

/// What one thread of a controlled run did with one object; as in protocol::ProfileEntry.
struct RecordedUse {
  std::uint64_t address = 0;
  std::uint32_t thread = 0;
  std::uint32_t parent = 0;
  std::uint64_t count = 0;
  std::uint64_t changes = 0;
};

/// How a controlled run went.
struct RecordedSchedule {
  std::uint64_t steps = 0;
  std::uint64_t points = 0;
  std::uint64_t hash = 0;
  std::uint64_t threads = 0;
  std::vector<RecordedDeviation> deviations;  ///< In order.
};

/// The signal that ended a controlled run.
struct RecordedCrash {
  std::uint32_t signal = 0;
  std::uint32_t thread = 0;
  RecordedStack stack;
  std::string text;  ///< What an assertion said; may be empty.
};

/// `thread` acted on what it had seen though `other` had changed it.
struct RecordedGap {
  std::uint32_t thread = 0;
  std::uint32_t other = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  RecordedStack look;
  RecordedStack change;
  RecordedStack act;
  RecordedTasks task{};       ///< At most one: which looked and acted,
  RecordedTasks otherTask{};  ///< and which changed it.
};

/// `other` waits for a lock that `thread` holds while it waits for something slow; or a task stands still meanwhile.
struct RecordedBlocked {
  std::uint32_t thread = 0;
  std::uint32_t other = 0;
  RecordedLock lock{};
  std::uint64_t nanos = 0;  ///< As in protocol::BlockedRecord.
  std::uint32_t site = 0;
  RecordedStack waits;
  RecordedStack taken;
  RecordedStack wants;
  RecordedTasks tasks{};               ///< What `thread` waits in.
  std::optional<RecordedTask> task{};  ///< What stands still.
};

/// What keeps two acquisitions of the plan apart; `lock` is the gate, if that is it.
struct RecordedApart {
  protocol::ApartReason reason{};
  std::array<std::uint32_t, 2> sites{};
  RecordedLock lock{};
};

struct RecordedSiteReached {
  std::uint32_t site = 0;
  std::uint32_t thread = 0;
  bool held = false;
};

struct Recording {
  protocol::RunState state = protocol::RunState::Running;
  std::int32_t exitCode = 0;
  std::int32_t signal = 0;
  std::uint64_t pid = 0;
  std::uint64_t dropped = 0;
  std::uint64_t bytes = 0;  ///< Of its records.
  bool truncated = false;  ///< The file ends before the records it says are complete.
  std::vector<RecordedModule> modules;
  std::vector<RecordedThread> threads;
  std::vector<RecordedRace> races;
  std::vector<RecordedLockCycle> lockCycles;
  std::vector<RecordedDeadlock> deadlocks;
  std::vector<RecordedMisuse> misuses;
  std::vector<RecordedContention> contention;  ///< Those most waited for first.
  std::vector<RecordedSiteReached> sitesReached;
  std::vector<RecordedGap> gaps;
  std::vector<RecordedApart> apart;
  std::vector<RecordedBlocked> blocked;
  std::optional<RecordedSchedule> schedule;
  std::optional<RecordedCrash> crash;
  std::vector<RecordedUse> uses;  ///< In no order; empty unless the plan asked for a profile.
  std::vector<protocol::TraceEntry> trace;  ///< Steps and wake-ups, in order; empty unless the plan asked for it.
  std::vector<protocol::EventEntry> events;  ///< In order; empty unless the plan asked for them.
  std::unordered_map<std::uint32_t, RecordedStack> contexts;  ///< Of the events; the first counter is any code there.
  std::vector<std::string> notes;
  std::vector<std::string> suppressions;  ///< Lines `kind:pattern`, which the runtime holds all but predictions against.
  std::unordered_map<std::uint32_t, RecordedTask> tasks;  ///< By number, as they were last told of.
  std::unordered_map<std::uint32_t, RecordedTasks> tasksOfThread;  ///< The same.

  const RecordedModule* moduleAt(std::uint64_t address) const;
  const RecordedThread* thread(std::uint32_t id) const;
};

/// Reads a recording however its program ended. A file that was cut is read up to the cut; one of another kind or
/// version, or with a record that cannot be, is an error of one line; so is that the program refused its plan.
llvm::Expected<Recording> readRecording(const std::string& path);

/// The same from bytes in memory; `name` is for messages.
llvm::Expected<Recording> parseRecording(llvm::StringRef bytes, const std::string& name);

}  // namespace deadheat
