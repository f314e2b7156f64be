#include "tool/symbols/recording.h"

#include <algorithm>

#include "llvm/Support/MemoryBuffer.h"
#include "tool/symbols/failure.h"
#include "tool/symbols/record_cursor.h"

namespace deadheat {
namespace {

using protocol::RecordHeader;
using protocol::RecordType;

RecordedModule parseModule(RecordCursor& in) {
  auto raw = in.take<protocol::ModuleRecord>();
  RecordedModule module;
  module.base = raw.base;
  module.begin = raw.begin;
  module.end = raw.end;
  module.buildId.assign(raw.buildId, raw.buildId + std::min<std::uint32_t>(raw.buildIdSize, sizeof(raw.buildId)));
  module.instrumented = raw.instrumented != 0;
  module.path = in.takeText(raw.pathSize);
  return module;
}

RecordedThread parseThread(RecordCursor& in) {
  auto raw = in.take<protocol::ThreadRecord>();
  RecordedThread thread;
  thread.id = raw.id;
  thread.parent = raw.parent;
  thread.entry = raw.entry;
  thread.name = llvm::StringRef(raw.name, sizeof(raw.name)).split('\0').first.str();
  thread.created = in.takeCounters(raw.stackSize);
  return thread;
}

std::optional<RecordedTask> taskOf(const Recording& from, std::uint32_t number) {
  auto found = from.tasks.find(number);
  return found == from.tasks.end() ? std::nullopt : std::optional(found->second);
}

RecordedAccess parseSide(const Recording& before, RecordCursor& in) {
  auto raw = in.take<protocol::RaceSide>();
  RecordedAccess side;
  side.thread = raw.thread;
  side.flags = raw.flags;
  side.address = raw.address;
  side.size = raw.size;
  if (raw.site != ~0u) side.site = raw.site;
  if (in.room(raw.heldCount, sizeof(protocol::LockInfo)))
    for (std::uint32_t i = 0; i < raw.heldCount; ++i) side.held.push_back(in.take<protocol::LockInfo>());
  side.stack = in.takeStack();
  if (auto task = taskOf(before, raw.task)) side.tasks.push_back(std::move(*task));
  return side;
}

void addPlace(RecordedRace& race, const protocol::PlaceInfo& place, RecordedStack stack) {
  const bool closed = place.place == protocol::Place::ClosedFile;
  if (place.place == protocol::Place::Heap)
    race.allocation = RecordedAllocation{place.address, place.size, place.thread, std::move(stack)};
  else if (closed || place.place == protocol::Place::OpenedFile)
    race.descriptor = RecordedDescriptor{place.address, closed, place.thread, std::move(stack)};
}

RecordedTasks tasksOf(const Recording& from, std::uint32_t thread) {
  auto found = from.tasksOfThread.find(thread);
  return found == from.tasksOfThread.end() ? RecordedTasks{} : found->second;
}

RecordedRace parseRace(const Recording& before, RecordCursor& in) {
  auto raw = in.take<protocol::RaceRecord>();
  RecordedRace race;
  race.proof = raw.proof;
  for (RecordedAccess& side : race.sides) side = parseSide(before, in);
  addPlace(race, raw.place, raw.place.hasStack ? in.takeStack() : RecordedStack{});
  if (raw.hasSleep) race.sleep = in.takeStack();
  race.tasks = tasksOf(before, race.sides[0].thread);
  if (race.allocation) race.allocation->frameOf = taskOf(before, raw.place.task);
  return race;
}

RecordedLockCycle parseLockCycle(RecordCursor& in) {
  auto raw = in.take<protocol::LockCycleRecord>();
  RecordedLockCycle cycle;
  if (!in.room(raw.edgeCount, sizeof(protocol::LockEdge))) return cycle;
  for (std::uint32_t i = 0; i < raw.edgeCount; ++i) {
    auto edge = in.take<protocol::LockEdge>();
    RecordedLockEdge& out = cycle.edges.emplace_back();
    out.thread = edge.thread;
    out.heldShared = edge.modes & 1;
    out.wantedShared = edge.modes & 2;
    out.held = edge.held;
    out.wanted = edge.wanted;
    out.heldStack = in.takeStack();
    out.wantedStack = in.takeStack();
  }
  return cycle;
}

RecordedStuckThread parseStuckThread(const Recording& before, RecordCursor& in) {
  auto raw = in.take<protocol::DeadlockThread>();
  RecordedStuckThread thread;
  thread.thread = raw.thread;
  thread.wants = raw.wants;
  thread.resource = raw.resource;
  if (raw.owner != ~0u) thread.owner = raw.owner;
  thread.stack = in.takeStack();
  thread.tasks = tasksOf(before, raw.thread);
  if (!in.room(raw.heldCount, sizeof(protocol::LockInfo))) return thread;
  for (std::uint32_t i = 0; i < raw.heldCount; ++i) {
    auto lock = in.take<protocol::LockInfo>();
    thread.held.push_back({lock, in.takeStack()});
  }
  return thread;
}

RecordedDeadlock parseDeadlock(const Recording& before, RecordCursor& in) {
  auto raw = in.take<protocol::DeadlockRecord>();
  RecordedDeadlock deadlock;
  deadlock.everyThread = raw.everyThread != 0;
  if (!in.room(raw.threadCount, sizeof(protocol::DeadlockThread))) return deadlock;
  for (std::uint32_t i = 0; i < raw.threadCount; ++i) deadlock.threads.push_back(parseStuckThread(before, in));
  if (!in.room(raw.taskCount, sizeof(std::uint64_t))) return deadlock;
  for (std::uint32_t i = 0; i < raw.taskCount; ++i)
    if (auto task = taskOf(before, static_cast<std::uint32_t>(in.take<std::uint64_t>())))
      deadlock.suspended.push_back(std::move(*task));
  return deadlock;
}

RecordedMisuse parseMisuse(const Recording& before, RecordCursor& in) {
  auto raw = in.take<protocol::MisuseRecord>();
  auto lock = in.take<protocol::LockInfo>();
  RecordedMisuse misuse{raw.kind, raw.thread, lock, in.takeStack(), raw.detail, {}, tasksOf(before, raw.thread), {}};
  if (raw.hasSecond) misuse.before = in.takeStack();
  if (raw.kind >= protocol::MisuseKind::TaskResumedRunning) misuse.task = taskOf(before, raw.detail);
  return misuse;
}

void addTask(Recording& to, RecordCursor& in) {
  auto raw = in.take<protocol::TaskRecord>();
  RecordedTask task{raw.task, raw.creator, raw.thread, raw.resumer, raw.state, raw.entry, in.takeStack(), {}, {}};
  task.suspended = in.takeStack();
  task.resumed = in.takeStack();
  to.tasks[raw.task] = std::move(task);
}

void addTaskStack(Recording& to, RecordCursor& in) {
  auto raw = in.take<protocol::TaskStackRecord>();
  RecordedTasks& tasks = to.tasksOfThread[raw.thread];
  tasks.clear();
  if (!in.room(raw.count, sizeof(std::uint64_t))) return;
  for (std::uint32_t i = 0; i < raw.count; ++i)
    if (auto task = taskOf(to, static_cast<std::uint32_t>(in.take<std::uint64_t>()))) tasks.push_back(std::move(*task));
}

RecordedContention parseContention(RecordCursor& in) {
  auto raw = in.take<protocol::ContentionRecord>();
  RecordedStack taken = in.takeStack();
  return {raw.lock,           raw.waits, raw.waitedNanos, raw.longestWaitNanos, raw.longestHoldNanos,
          std::move(taken), in.takeStack()};
}

RecordedSiteReached parseSiteReached(RecordCursor& in) {
  auto raw = in.take<protocol::SiteReachedRecord>();
  return {raw.site, raw.thread, raw.held != 0};
}

void addSchedule(Recording& to, RecordCursor& in) {
  auto raw = in.take<protocol::ScheduleRecord>();
  if (!to.schedule) to.schedule.emplace();
  to.schedule->steps = raw.steps;
  to.schedule->points = raw.points;
  to.schedule->hash = raw.hash;
  to.schedule->threads = raw.threads;
}

void addDeviations(Recording& to, RecordCursor& in) {
  auto raw = in.take<protocol::DeviationsRecord>();
  if (!in.room(raw.capacity, sizeof(protocol::DeviationEntry))) return;
  if (!to.schedule) to.schedule.emplace();
  for (std::uint64_t i = 0; i < raw.capacity; ++i) {
    auto entry = in.take<protocol::DeviationEntry>();
    if (entry.kind == protocol::DeviationKind::None) return;
    to.schedule->deviations.push_back(
        {entry.kind, entry.thread, entry.chosen, entry.pc, entry.occurrence, entry.step, entry.hash});
  }
}

void addProfile(Recording& to, RecordCursor& in) {
  auto raw = in.take<protocol::ProfileRecord>();
  if (!in.room(raw.capacity, sizeof(protocol::ProfileEntry))) return;
  for (std::uint64_t i = 0; i < raw.capacity; ++i) {
    auto entry = in.take<protocol::ProfileEntry>();
    if (entry.count != 0) to.uses.push_back({entry.address, entry.thread, entry.parent, entry.count, entry.changes});
  }
}

void addTrace(Recording& to, RecordCursor& in) {
  auto raw = in.take<protocol::TraceRecord>();
  if (!in.room(raw.capacity, sizeof(protocol::TraceEntry))) return;
  for (std::uint64_t i = 0; i < raw.capacity; ++i) {
    auto entry = in.take<protocol::TraceEntry>();
    if (entry.kind == protocol::DeviationKind::None) return;
    to.trace.push_back(entry);
  }
}

void addEvents(Recording& to, RecordCursor& in) {
  auto raw = in.take<protocol::EventsRecord>();
  if (!in.room(raw.capacity, sizeof(protocol::EventEntry))) return;
  for (std::uint64_t i = 0; i < raw.capacity; ++i) {
    auto entry = in.take<protocol::EventEntry>();
    if (entry.kind == protocol::EventKind::None) return;
    to.events.push_back(entry);
  }
}

void addContext(Recording& to, RecordCursor& in) {
  auto raw = in.take<protocol::ContextRecord>();
  to.contexts[raw.context] = in.takeStack();
}

RecordedCrash parseCrash(RecordCursor& in) {
  auto raw = in.take<protocol::CrashRecord>();
  RecordedCrash crash{raw.signal, raw.thread, in.takeStack(), {}};
  if (raw.textSize != 0) crash.text = in.takeText(raw.textSize);
  return crash;
}

std::string parseNote(RecordCursor& in) {
  auto raw = in.take<protocol::NoteRecord>();
  return in.takeText(raw.textSize);
}

RecordedGap parseGap(const Recording& before, RecordCursor& in) {
  const auto raw = in.take<protocol::GapRecord>();
  RecordedGap gap{raw.thread, raw.other, raw.address, raw.size, {}, {}, {}};
  gap.look = in.takeStack();
  gap.change = in.takeStack();
  gap.act = in.takeStack();
  if (auto task = taskOf(before, raw.task)) gap.task.push_back(std::move(*task));
  if (auto task = taskOf(before, raw.otherTask)) gap.otherTask.push_back(std::move(*task));
  return gap;
}

RecordedBlocked parseBlocked(const Recording& before, RecordCursor& in) {
  const auto raw = in.take<protocol::BlockedRecord>();
  RecordedBlocked blocked{raw.thread, raw.other, raw.lock, raw.nanos, raw.site, {}, {}, {}};
  blocked.waits = in.takeStack();
  blocked.taken = in.takeStack();
  blocked.wants = in.takeStack();
  if (raw.task == 0) return blocked;
  blocked.task = taskOf(before, raw.task);
  if (auto task = taskOf(before, raw.waitingTask)) blocked.tasks.push_back(std::move(*task));
  return blocked;
}

RecordedApart parseApart(RecordCursor& in) {
  const auto raw = in.take<protocol::ApartRecord>();
  return {raw.reason, {raw.sites[0], raw.sites[1]}, raw.lock};
}

/// The runtime tells of a module again when it turns out to be instrumented, and of another one in the place of one that
/// was unloaded; what is later holds.
void addModule(Recording& to, RecordedModule module) {
  std::erase_if(to.modules, [&](const RecordedModule& before) {
    return before.begin < module.end && module.begin < before.end;
  });
  to.modules.push_back(std::move(module));
}

/// Adds one record, whose bytes include its header. A type this version does not know is passed over.
bool addRecord(Recording& to, RecordType type, llvm::StringRef bytes) {
  RecordCursor in(bytes);
  switch (type) {
    case RecordType::Module: addModule(to, parseModule(in)); break;
    case RecordType::Thread: to.threads.push_back(parseThread(in)); break;
    case RecordType::Race: to.races.push_back(parseRace(to, in)); break;
    case RecordType::LockCycle: to.lockCycles.push_back(parseLockCycle(in)); break;
    case RecordType::Deadlock: to.deadlocks.push_back(parseDeadlock(to, in)); break;
    case RecordType::Misuse: to.misuses.push_back(parseMisuse(to, in)); break;
    case RecordType::SiteReached: to.sitesReached.push_back(parseSiteReached(in)); break;
    case RecordType::Suppression: to.suppressions.push_back(parseNote(in)); break;
    case RecordType::Note: to.notes.push_back(parseNote(in)); break;
    case RecordType::Contention: to.contention.push_back(parseContention(in)); break;
    case RecordType::Schedule: addSchedule(to, in); break;
    case RecordType::Deviations: addDeviations(to, in); break;
    case RecordType::Profile: addProfile(to, in); break;
    case RecordType::Trace: addTrace(to, in); break;
    case RecordType::Events: addEvents(to, in); break;
    case RecordType::Context: addContext(to, in); break;
    case RecordType::Crash: to.crash = parseCrash(in); break;
    case RecordType::Gap: to.gaps.push_back(parseGap(to, in)); break;
    case RecordType::Apart: to.apart.push_back(parseApart(in)); break;
    case RecordType::Task: addTask(to, in); break;
    case RecordType::TaskStack: addTaskStack(to, in); break;
    case RecordType::Blocked:
      to.blocked.push_back(parseBlocked(to, in));
      break;
    case RecordType::Nothing: break;
    case RecordType::Lock: break;  // Where a lock was made: for the runtime's own reports.
  }
  return !in.failed();
}

llvm::Error parseRecords(Recording& to, llvm::StringRef records, const std::string& name) {
  std::uint64_t offset = 0;
  while (offset < records.size()) {
    llvm::StringRef rest = records.drop_front(offset);
    RecordHeader header{};
    if (rest.size() >= sizeof(header)) std::memcpy(&header, rest.data(), sizeof(header));
    const bool sane = header.size >= sizeof(header) && header.size % 8 == 0 && header.size <= rest.size();
    if (!sane && to.truncated) return llvm::Error::success();
    if (!sane || !addRecord(to, header.type, rest.take_front(header.size)))
      return failure("'", name, "' is not a usable recording: the record at offset ",
                     protocol::kRecordsOffset + offset, " is corrupt; run the program again");
    offset += header.size;
  }
  return llvm::Error::success();
}

}  // namespace

const RecordedModule* Recording::moduleAt(std::uint64_t address) const {
  for (const RecordedModule& module : modules)
    if (module.begin <= address && address < module.end) return &module;
  return nullptr;
}

const RecordedThread* Recording::thread(std::uint32_t id) const {
  auto found = std::find_if(threads.begin(), threads.end(), [&](const RecordedThread& t) { return t.id == id; });
  return found == threads.end() ? nullptr : &*found;
}

llvm::Expected<Recording> parseRecording(llvm::StringRef bytes, const std::string& name) {
  protocol::RecordingHeader header{};
  if (bytes.size() < protocol::kRecordsOffset) return failure("'", name, "' is not a recording: it is too short");
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (std::memcmp(header.magic, protocol::kRecordingMagic, sizeof(header.magic)) != 0)
    return failure("'", name, "' is not a deadheat recording");
  if (header.version != protocol::kProtocolVersion)
    return failure("'", name, "' is a recording of version ", header.version, ", this deadheat reads version ",
                   protocol::kProtocolVersion, "; rebuild the program with this deadheat");
  Recording recording;
  recording.state = header.state;
  recording.exitCode = header.exitCode;
  recording.signal = header.signal;
  recording.pid = header.pid;
  recording.dropped = header.dropped;
  recording.bytes = header.used;
  llvm::StringRef records = bytes.drop_front(protocol::kRecordsOffset);
  recording.truncated = header.used > records.size();
  records = records.take_front(std::min<std::uint64_t>(header.used, records.size()));
  if (llvm::Error error = parseRecords(recording, records, name)) return std::move(error);
  if (recording.state == protocol::RunState::Refused)
    return failure("the program refused to run: ", recording.notes.empty() ? "its plan cannot be followed" : recording.notes.back());
  return recording;
}

llvm::Expected<Recording> readRecording(const std::string& path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) return failure("cannot read the recording '", path, "': ", buffer.getError().message());
  return parseRecording((*buffer)->getBuffer(), path);
}

}  // namespace deadheat
