#include "runtime/record/report_text.h"

#include <fcntl.h>

#include "runtime/detect/targeted.h"
#include "runtime/detect/thread.h"
#include "runtime/record/options.h"
#include "runtime/record/report_lines.h"
#include "runtime/record/suppressions.h"
#include "runtime/record/symbols.h"

namespace deadheat::rt {
namespace {

constinit Page page{Page::Zeroed{}};  // Under the recording's lock.

void addStackOf(RecordReader& reader) {
  std::uint32_t size = 0;
  const std::uint64_t* counters = reader.takeStack(size);
  addStack(page, counters, size);
}

const char* accessName(std::uint32_t flags) {
  if ((flags & protocol::kAccessFree) != 0) return "free";
  bool write = (flags & protocol::kAccessWrite) != 0;
  if ((flags & protocol::kAccessAtomic) != 0) return write ? "atomic write" : "atomic read";
  return write ? "write" : "read";
}

/// `later` is the access that came second.
const char* raceName(std::uint32_t later, std::uint32_t earlier) {
  bool freed = (earlier & protocol::kAccessFree) != 0;
  bool vptr = (later & protocol::kAccessVptr) != 0;
  if (freed) return vptr ? "virtual call on freed memory" : "use of freed memory";
  return vptr ? "data race on a vptr" : "data race";
}

void tellSide(RecordReader& reader, Mentions& mentions, const char* before) {
  protocol::RaceSide side = reader.take<protocol::RaceSide>();
  page << "  " << before << accessName(side.flags) << " of " << side.size << " bytes at ";
  page.hex(side.address) << " by ";
  addThread(page, side.thread);
  mentions.thread(side.thread);
  for (std::uint32_t i = 0; i < side.heldCount; ++i) {
    const auto& lock = reader.take<protocol::LockInfo>();
    page << (i == 0 ? ", holding lock " : ", lock ") << mentions.lock(lock) << (lock.shared != 0 ? " shared" : "");
  }
  page << "\n";
  addStackOf(reader);
}

void tellPlace(const protocol::PlaceInfo& place, std::uint64_t address, Mentions& mentions) {
  Symbol variable;
  switch (place.place) {
    case protocol::Place::Heap:
      page << "  in a block of " << place.size << " bytes at ";
      page.hex(place.address) << " allocated by ";
      break;
    case protocol::Place::Stack:
      page << "  on the stack of ";
      break;
    case protocol::Place::ThreadLocal:
      page << "  in thread-local memory of ";
      break;
    case protocol::Place::OpenedFile:
      page << "  on file descriptor " << place.address << " opened by ";
      break;
    case protocol::Place::ClosedFile:
      page << "  on file descriptor " << place.address << " closed by ";
      break;
    case protocol::Place::Unknown:
      if (!variableAt(address, variable)) return;
      page << "  in global '" << variable.name << "' of " << variable.size << " bytes at ";
      page.hex(variable.begin) << " (" << variable.module << "+";
      page.hex(variable.offset) << ")\n";
      return;
  }
  addThread(page, place.thread);
  mentions.thread(place.thread);
  if (place.task != 0) page << ", the frame of task " << mentions.task(place.task);
  page << "\n";
}

void tellRace(RecordReader& reader) {
  protocol::RaceRecord race = reader.take<protocol::RaceRecord>();
  RecordReader ahead = reader;
  protocol::RaceSide later = ahead.take<protocol::RaceSide>();
  for (std::uint32_t i = 0; i < later.heldCount; ++i) ahead.take<protocol::LockInfo>();
  std::uint32_t size = 0;
  ahead.takeStack(size);
  protocol::RaceSide earlier = ahead.take<protocol::RaceSide>();
  Mentions mentions;
  mentions.tasksOf(later.thread);
  page << "deadheat: " << raceName(later.flags, earlier.flags) << "\n";
  tellSide(reader, mentions, "");
  tellSide(reader, mentions, "and earlier ");
  tellPlace(race.place, earlier.address, mentions);
  if (race.place.hasStack != 0) addStackOf(reader);
  if (race.hasSleep != 0) {
    page << "  only a sleep comes between them\n";
    addStackOf(reader);
  }
  mentions.tell(page);
}

void tellCycle(RecordReader& reader) {
  std::uint32_t count = reader.take<protocol::LockCycleRecord>().edgeCount;
  page << "deadheat: locks taken in opposite orders; the threads can deadlock\n";
  Mentions mentions;
  for (std::uint32_t i = 0; i < count; ++i) {
    protocol::LockEdge edge = reader.take<protocol::LockEdge>();
    page << "  ";
    addThread(page, edge.thread);
    mentions.thread(edge.thread);
    mentions.lock(edge.held);
    page << " takes lock ";
    page.hex(edge.held.address) << "\n";
    addStackOf(reader);
    page << "   and then lock ";
    page.hex(edge.wanted.address) << "\n";
    addStackOf(reader);
  }
  mentions.tell(page);
}

void tellDeadlock(RecordReader& reader) {
  auto head = reader.take<protocol::DeadlockRecord>();
  page << "deadheat: deadlock; these threads wait for each other\n";
  Mentions mentions;
  for (std::uint32_t i = 0; i < head.threadCount; ++i) {
    protocol::DeadlockThread stuck = reader.take<protocol::DeadlockThread>();
    page << "  ";
    addThread(page, stuck.thread);
    mentions.thread(stuck.thread);
    mentions.tasksOf(stuck.thread);
    page << " waits for ";
    page.hex(stuck.resource.address);
    if (stuck.owner != kNoThread) {
      page << ", held by ";
      addThread(page, stuck.owner);
    }
    page << "\n";
    addStackOf(reader);
    for (std::uint32_t held = 0; held < stuck.heldCount; ++held) {
      page << "   and holds lock ";
      page.hex(reader.take<protocol::LockInfo>().address) << " since\n";
      addStackOf(reader);
    }
  }
  for (std::uint32_t i = 0; i < head.taskCount; ++i)
    page << "  task " << mentions.task(static_cast<std::uint32_t>(reader.take<std::uint64_t>()))
         << " is suspended, and nobody is left to resume it\n";
  mentions.tell(page);
}

const char* misuseName(protocol::MisuseKind kind) {
  switch (kind) {
    case protocol::MisuseKind::UnlockNotHeld:
      return "unlock of a lock that is not held";
    case protocol::MisuseKind::UnlockByOther:
      return "unlock of a lock that another thread holds";
    case protocol::MisuseKind::DestroyLocked:
      return "a held lock destroyed";
    case protocol::MisuseKind::ExitHoldingLock:
      return "a thread ended while it held a lock";
    case protocol::MisuseKind::UseAfterDestroy:
      return "a destroyed lock used";
    case protocol::MisuseKind::LockTwice:
      return "a lock taken twice by one thread";
    case protocol::MisuseKind::ShareLockExclusive:
      return "shared lock of a lock held exclusively";
    case protocol::MisuseKind::ShareUnlockExclusive:
      return "shared unlock of a lock held exclusively";
    case protocol::MisuseKind::HeldWhereForbidden:
      return "a lock held where none may be";
    case protocol::MisuseKind::NeverMade:
      return "a lock used that is none";
    case protocol::MisuseKind::DestroyWaited:
      return "destroyed while threads wait for it";
    case protocol::MisuseKind::WaitWithoutLock:
      return "wait for a condition without holding the mutex";
    case protocol::MisuseKind::ConditionTwoMutexes:
      return "one condition waited for with two mutexes";
    case protocol::MisuseKind::TakenByNobody:
      return "a lock that is locked by nobody, copied or never initialised";
    case protocol::MisuseKind::HeldAcrossFork:
      return "a lock held across fork by a thread the child does not have";
    case protocol::MisuseKind::JoinTwice:
      return "a thread joined or detached twice";
    case protocol::MisuseKind::ThreadLeaked:
      return "thread leak: nobody joined or detached it";
    case protocol::MisuseKind::UnsafeInHandler:
      return "signal-unsafe call in a handler";
    case protocol::MisuseKind::ErrnoChanged:
      return "signal handler changes errno";
    case protocol::MisuseKind::EndedIgnoring:
      return "a thread ended while accesses were ignored";
    case protocol::MisuseKind::PromiseBroken:
      return "a result asked for whose promise was destroyed without it";
    case protocol::MisuseKind::PromiseKeptTwice:
      return "a result stored in a promise that has one";
    case protocol::MisuseKind::FutureTakenTwice:
      return "a second future taken of a promise";
    case protocol::MisuseKind::ResultGone:
      return "a promise or future used that has left, or gave its result";
    case protocol::MisuseKind::TaskResumedRunning:
      return "a coroutine resumed while it runs";
    case protocol::MisuseKind::TaskResumedEnded:
      return "a coroutine resumed after its end";
    case protocol::MisuseKind::TaskResumedDestroyed:
      return "a coroutine resumed after its destruction";
    case protocol::MisuseKind::TaskDestroyedRunning:
      return "a coroutine destroyed while it runs";
    case protocol::MisuseKind::TaskDestroyedTwice:
      return "a coroutine destroyed twice";
    case protocol::MisuseKind::TaskStranded:
      return "a coroutine suspended for good: nobody can resume it";
    case protocol::MisuseKind::TaskCycle:
      return "coroutines that await each other";
    case protocol::MisuseKind::TaskUsesOtherLocal:
      return "a task uses a thread-local variable of another thread";
    case protocol::MisuseKind::TaskDropped:
      return "a coroutine destroyed before anything of it ran";
  }
  return "misuse";
}

bool isOfTask(protocol::MisuseKind kind) { return kind >= protocol::MisuseKind::TaskResumedRunning; }

/// What a second stack is.
const char* before(protocol::MisuseKind kind) {
  switch (kind) {
    case protocol::MisuseKind::EndedIgnoring:
      return "  ignoring began at\n";
    case protocol::MisuseKind::TaskResumedRunning:
    case protocol::MisuseKind::TaskDestroyedRunning:
      return "  resumed before at\n";
    case protocol::MisuseKind::TaskResumedEnded:
      return "  it ended at\n";
    case protocol::MisuseKind::TaskResumedDestroyed:
    case protocol::MisuseKind::TaskDestroyedTwice:
      return "  destroyed before at\n";
    default:
      return "  taken before at\n";
  }
}

void tellMisuse(RecordReader& reader) {
  protocol::MisuseRecord misuse = reader.take<protocol::MisuseRecord>();
  Mentions mentions;
  const auto& lock = reader.take<protocol::LockInfo>();
  mentions.thread(misuse.thread);
  mentions.tasksOf(misuse.thread);
  if (misuse.kind == protocol::MisuseKind::PromiseBroken) mentions.thread(misuse.detail);
  page << "deadheat: " << misuseName(misuse.kind);
  if (lock.instance != 0) {
    page << ", lock " << mentions.lock(lock) << " at ";
    page.hex(lock.address);
  }
  page << ", by ";
  addThread(page, misuse.thread);
  page << "\n";
  if (isOfTask(misuse.kind)) page << "  task " << mentions.task(misuse.detail) << "\n";
  if (misuse.kind == protocol::MisuseKind::ErrnoChanged) page << "  handler of signal " << misuse.detail << "\n";
  if (misuse.kind == protocol::MisuseKind::ThreadLeaked) {
    mentions.tell(page);
    if (misuse.detail != 0) page << "  and " << misuse.detail << " more threads created there\n";
    return;
  }
  if (misuse.kind == protocol::MisuseKind::EndedIgnoring) page << "  ignoring began at\n";
  addStackOf(reader);
  if (misuse.hasSecond != 0) {
    if (misuse.kind == protocol::MisuseKind::PromiseBroken) {
      page << "  destroyed by ";
      addThread(page, misuse.detail);
      page << " at\n";
    } else {
      page << before(misuse.kind);
    }
    addStackOf(reader);
  }
  if (lock.instance != 0) {
    tellPlace(misuse.place, lock.address, mentions);
    if (misuse.place.hasStack != 0) addStackOf(reader);
  }
  mentions.tell(page);
}

/// `12.3 ms`, right in a column of 12.
void addTime(std::uint64_t nanoseconds) {
  std::uint64_t tenths = (nanoseconds + 50000) / 100000;
  for (std::uint64_t width = 10000000; width > 10 && tenths < width; width /= 10) page << " ";
  page << tenths / 10 << "." << tenths % 10 << " ms";
}

/// The innermost frame that is not the lock's own.
void addPlace(RecordReader& reader) {
  std::uint32_t size = 0;
  const std::uint64_t* counters = reader.takeStack(size);
  Symbol symbol{};
  if (size == 0 || !functionAt(counters[0], symbol)) {
    page << "?";
    return;
  }
  page << (symbol.name != nullptr ? symbol.name : "?") << " (" << symbol.module << "+";
  page.hex(symbol.offset) << ")";
}

/// One line; the first brings the heading.
void tellContention(RecordReader& reader) {
  static bool begun;
  if (!begun) page << "deadheat: contention\n     waits      waited     longest   held most  place and lock\n";
  begun = true;
  auto row = reader.take<protocol::ContentionRecord>();
  for (std::uint64_t width = 100000000; width > 1 && row.waits < width; width /= 10) page << " ";
  page << " " << row.waits;
  addTime(row.waitedNanos);
  addTime(row.longestWaitNanos);
  addTime(row.longestHoldNanos);
  page << "  ";
  addPlace(reader);
  page << ", lock of ";
  addPlace(reader);
  page << "\n";
}

/// Where reports go: stderr, or a file that is made with the first of them.
int destination() {
  static int file = 2;
  static std::uint64_t owner;
  if (options.logPath == nullptr || sameText(options.logPath, "stderr")) return 2;
  if (sameText(options.logPath, "stdout")) return 1;
  auto own = static_cast<std::uint64_t>(rawSyscall(SYS_getpid));
  if (owner == own) return file;
  Text<4096> path;
  path << options.logPath << "." << own;
  long opened = rawSyscall(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path.c_str()),
                           O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  file = opened < 0 ? 2 : static_cast<int>(opened);
  owner = own;
  return file;
}

void writePage() {
  page.writeTo(destination());
  page.clear();
}

}  // namespace

void tellReport(const protocol::RecordHeader& record) {
  RecordReader reader(record);
  switch (record.type) {
    case protocol::RecordType::Race:
      tellRace(reader);
      break;
    case protocol::RecordType::LockCycle:
      tellCycle(reader);
      break;
    case protocol::RecordType::Deadlock:
      tellDeadlock(reader);
      break;
    case protocol::RecordType::Misuse:
      tellMisuse(reader);
      break;
    case protocol::RecordType::Contention:
      tellContention(reader);
      break;
    default:
      return;
  }
  writePage();
}

void tellEnd(std::uint64_t reports) {
  if (targetedBuild)
    page << "deadheat: a targeted build: only races among the places it was built for were looked for\n";
  if (reports != 0)
    page << "deadheat: " << reports << (reports == 1 ? " report" : " reports")
         << "; 'deadheat run -- PROGRAM' shows source lines\n";
  if (options.printSuppressions) {
    forEachUsedSuppression([](const char* pattern, std::uint64_t used, bool first, std::uint64_t total) {
      if (first) page << "deadheat: suppressions used: " << total << "\n";
      page << "  " << used << " " << pattern << "\n";
    });
  }
  writePage();
}

}  // namespace deadheat::rt
