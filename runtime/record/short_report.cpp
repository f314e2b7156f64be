#include "runtime/record/short_report.h"

#include <dlfcn.h>

#include "runtime/platform/text.h"
#include "runtime/record/recording_file.h"

namespace deadheat::rt {
namespace {

using Line = Text<1024>;

/// Takes the structs of a record one after the other.
class Cursor {
 public:
  Cursor(const char* at, const char* end) : at_(at), end_(end) {}

  template <class T>
  const T& take() {
    static constexpr T kNothing{};
    if (static_cast<std::size_t>(end_ - at_) < sizeof(T)) return at_ = end_, kNothing;
    const T* value = reinterpret_cast<const T*>(at_);
    at_ += sizeof(T);
    return *value;
  }

 private:
  const char* at_;
  const char* end_;
};

void print(const Line& line) { line.writeTo(2); }

void print(const char* text) {
  Line line;
  line << text << "\n";
  print(line);
}

const char* baseName(const char* path) {
  const char* name = path;
  for (; *path != 0; ++path)
    if (*path == '/') name = path + 1;
  return name;
}

void printCode(std::uint32_t number, std::uint64_t pc) {
  Line line;
  line << "    #" << number << " ";
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(pc), &info) == 0 || info.dli_fname == nullptr) {
    line.hex(pc) << "\n";
  } else {
    if (info.dli_sname != nullptr) line << info.dli_sname << " ";
    line << "(" << baseName(info.dli_fname) << "+";
    line.hex(pc - reinterpret_cast<std::uint64_t>(info.dli_fbase)) << ")\n";
  }
  print(line);
}

void printStack(Cursor& cursor) {
  constexpr std::uint32_t kShown = 12;
  std::uint32_t size = cursor.take<protocol::StackHeader>().size;
  for (std::uint32_t i = 0; i < size; ++i) {
    std::uint64_t pc = cursor.take<std::uint64_t>();
    if (i < kShown) printCode(i, i == 0 ? pc : pc - 1);
  }
}

Line& thread(Line& line, std::uint32_t id) {
  if (id == ~0u) return line << "an unknown thread", line;
  if (id == 0) return line << "the main thread", line;
  return line << "thread " << id, line;
}

const char* accessName(std::uint32_t flags) {
  if ((flags & protocol::kAccessFree) != 0) return "free";
  bool write = (flags & protocol::kAccessWrite) != 0;
  if ((flags & protocol::kAccessAtomic) != 0) return write ? "atomic write" : "atomic read";
  return write ? "write" : "read";
}

void printRace(Cursor& cursor) {
  protocol::RaceRecord race = cursor.take<protocol::RaceRecord>();
  print("deadheat: data race");
  for (int side = 0; side < 2; ++side) {
    protocol::RaceSide access = cursor.take<protocol::RaceSide>();
    Line line;
    line << "  " << (side == 0 ? "" : "and ") << accessName(access.flags) << " of " << access.size << " bytes at ";
    thread(line.hex(access.address) << " by ", access.thread) << "\n";
    print(line);
    for (std::uint32_t i = 0; i < access.heldCount; ++i) cursor.take<protocol::LockInfo>();
    printStack(cursor);
  }
  if (race.hasAllocation == 0) return;
  Line line;
  line << "  in a block of " << race.allocationSize << " bytes allocated by ";
  print(thread(line, race.allocationThread) << "\n");
  printStack(cursor);
}

void printCycle(Cursor& cursor) {
  std::uint32_t count = cursor.take<protocol::LockCycleRecord>().edgeCount;
  print("deadheat: locks taken in opposite orders; the threads can deadlock");
  for (std::uint32_t i = 0; i < count; ++i) {
    protocol::LockEdge edge = cursor.take<protocol::LockEdge>();
    Line line;
    thread(line << "  ", edge.thread) << " takes lock ";
    line.hex(edge.held.address) << "\n";
    print(line);
    printStack(cursor);
    line.clear();
    line << "   and then lock ";
    line.hex(edge.wanted.address) << "\n";
    print(line);
    printStack(cursor);
  }
}

void printDeadlock(Cursor& cursor) {
  std::uint32_t count = cursor.take<protocol::DeadlockRecord>().threadCount;
  print("deadheat: deadlock; these threads wait for each other");
  for (std::uint32_t i = 0; i < count; ++i) {
    protocol::DeadlockThread stuck = cursor.take<protocol::DeadlockThread>();
    Line line;
    thread(line << "  ", stuck.thread) << " waits for ";
    line.hex(stuck.resource.address);
    if (stuck.owner != ~0u) thread(line << ", held by ", stuck.owner);
    print(line << "\n");
    printStack(cursor);
    for (std::uint32_t held = 0; held < stuck.heldCount; ++held) {
      line.clear();
      line << "   and holds lock ";
      line.hex(cursor.take<protocol::LockInfo>().address) << " since\n";
      print(line);
      printStack(cursor);
    }
  }
}

void printMisuse(Cursor& cursor) {
  static constexpr const char* kKinds[] = {
      "a lock misused",        "unlock of a lock that is not held",   "unlock of a lock that another thread holds",
      "a held lock destroyed", "a thread ended while it held a lock", "a destroyed lock used"};
  protocol::MisuseRecord misuse = cursor.take<protocol::MisuseRecord>();
  auto kind = static_cast<std::size_t>(misuse.kind);
  Line line;
  line << "deadheat: " << kKinds[kind < sizeof(kKinds) / sizeof(kKinds[0]) ? kind : 0] << ", lock ";
  line.hex(cursor.take<protocol::LockInfo>().address);
  print(thread(line << ", by ", misuse.thread) << "\n");
  printStack(cursor);
}

/// False for records that are no reports.
bool printRecord(protocol::RecordType type, Cursor cursor) {
  switch (type) {
    case protocol::RecordType::Race:
      printRace(cursor);
      return true;
    case protocol::RecordType::LockCycle:
      printCycle(cursor);
      return true;
    case protocol::RecordType::Deadlock:
      printDeadlock(cursor);
      return true;
    case protocol::RecordType::Misuse:
      printMisuse(cursor);
      return true;
    default:
      return false;
  }
}

}  // namespace

void printShortReport(std::uint64_t from) {
  const char* end = recordsBegin() + __atomic_load_n(&recordingHeader()->used, __ATOMIC_ACQUIRE);
  std::uint64_t reports = 0;
  for (const char* at = recordsBegin() + from; at < end;) {
    const auto* record = reinterpret_cast<const protocol::RecordHeader*>(at);
    if (printRecord(record->type, Cursor(at, at + record->size))) ++reports;
    at += record->size;
  }
  if (reports == 0) return;
  Line line;
  line << "deadheat: " << reports << (reports == 1 ? " report" : " reports")
       << "; 'deadheat run -- PROGRAM' shows source lines\n";
  print(line);
}

}  // namespace deadheat::rt
