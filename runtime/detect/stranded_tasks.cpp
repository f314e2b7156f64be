#include "runtime/detect/stranded_tasks.h"

#include <fcntl.h>

#include "runtime/detect/shadow_map.h"
#include "runtime/detect/task_reports.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/platform/own_ranges.h"
#include "runtime/platform/text.h"
#include "runtime/record/options.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kMostMemory = std::size_t{512} << 20;
constexpr std::size_t kMostTasks = 4096;
constexpr std::uint32_t kNobody = ~0u;

struct Candidate {
  Task* task;
  bool held;  ///< By memory that is no suspended coroutine's frame, or by way of frames that are.
};

/// The frame of `holder` holds that of `held`.
struct Link {
  std::uint32_t holder;
  std::uint32_t held;
};

GrowingArray<Candidate> candidates;  ///< By frame.
GrowingArray<Link> links;
std::size_t scanned;
Address stackPointer;

void collect(Task* task, void*) {
  if (task->state() == TaskState::Suspended && task->entry == 0 && task->size != 0) candidates.push({task, false});
}

void sortCandidates() {
  for (std::size_t gap = candidates.size() / 2; gap != 0; gap /= 2)
    for (std::size_t i = gap; i < candidates.size(); ++i)
      for (std::size_t j = i; j >= gap && candidates[j].task->frame < candidates[j - gap].task->frame; j -= gap) {
        Candidate swapped = candidates[j];
        candidates[j] = candidates[j - gap];
        candidates[j - gap] = swapped;
      }
}

/// Whose frame the address lies in, or kNobody.
std::uint32_t frameAt(Address address) {
  std::size_t low = 0, high = candidates.size();
  while (low != high) {
    std::size_t middle = (low + high) / 2;
    if (candidates[middle].task->frame + candidates[middle].task->size <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low != candidates.size() && candidates[low].task->frame <= address ? static_cast<std::uint32_t>(low) : kNobody;
}

/// What lies there was freed and not given out again.
bool isFreed(Address address) {
  Region* region = regionAt(address);
  if (region == nullptr || !pageTouched(region, address)) return false;
  Key key = __atomic_load_n(GranuleRef(region, granuleIndex(address)).key(), __ATOMIC_RELAXED);
  return key != 0 && slotOf(key) != kBlockSlot && kindOf(key) == AccessKind::Free;
}

void look(Address at) {
  constexpr Address kAddressBits = (Address{1} << 48) - 1;
  std::uint32_t held = frameAt(*reinterpret_cast<const Address*>(at) & kAddressBits & ~Address{7});
  if (held == kNobody || isFreed(at)) return;
  std::uint32_t holder = frameAt(at);
  if (holder == kNobody)
    candidates[held].held = true;
  else if (holder != held)
    links.push({holder, held});
}

void scan(Address begin, Address end, void*) {
  scanned += end - begin;
  if (scanned > kMostMemory) return;
  for (Address at = begin; at + sizeof(Address) <= end; at += sizeof(Address)) look(at);
}

/// All but what is dead of the stack, and the table of the shadow.
bool scanMapping(Address begin, Address end) {
  const auto table = reinterpret_cast<Address>(__deadheat_shadow), tableEnd = table + sizeof(__deadheat_shadow);
  if (begin <= stackPointer && stackPointer < end) begin = stackPointer & ~Address{7};
  if (table >= end || tableEnd <= begin) return forEachForeignPart(begin, end, scan, nullptr);
  Address after = tableEnd > begin ? (tableEnd + 7) & ~Address{7} : begin;
  return (begin >= table || forEachForeignPart(begin, table, scan, nullptr)) &&
         (after >= end || forEachForeignPart(after, end, scan, nullptr));
}

/// Text of a file of the kernel's, a character at a time.
class KernelText {
 public:
  explicit KernelText(const char* path)
      : file_(rawSyscall(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC)) {}
  ~KernelText() { rawSyscall(SYS_close, file_); }
  /// 0 at the end.
  char next() {
    if (at_ == size_) {
      long got = file_ < 0 ? 0 : rawSyscall(SYS_read, file_, reinterpret_cast<long>(buffer_), sizeof(buffer_));
      at_ = 0;
      size_ = got < 0 ? 0 : static_cast<std::size_t>(got);
      if (size_ == 0) return 0;
    }
    return buffer_[at_++];
  }
  /// Hexadecimal digits and the character after them.
  Address nextNumber() {
    Address number = 0;
    for (char c = next(); c != 0; c = next()) {
      int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit < 0) break;
      number = number * 16 + static_cast<Address>(digit);
    }
    return number;
  }

 private:
  long file_;
  char buffer_[4096];
  std::size_t at_ = 0, size_ = 0;
};

/// Every page of the program's that can be written and is its own. False if not all could be looked at.
bool scanMemory() {
  KernelText maps("/proc/self/maps");
  bool all = false;
  for (Address begin = maps.nextNumber(); begin != 0; begin = maps.nextNumber()) {
    Address end = maps.nextNumber();
    char mode[4] = {maps.next(), maps.next(), maps.next(), maps.next()};
    for (char c = maps.next(); c != '\n' && c != 0;) c = maps.next();
    if (mode[0] != 'r' || mode[1] != 'w' || mode[3] != 'p') continue;
    all = scanMapping(begin, end);
    if (!all || scanned > kMostMemory) return false;
  }
  return all;
}

/// Whoever is held from outside holds what its frame holds.
void spread() {
  for (bool changed = true; changed;) {
    changed = false;
    for (const Link& link : links) {
      if (!candidates[link.holder].held || candidates[link.held].held) continue;
      candidates[link.held].held = changed = true;
    }
  }
}

bool anybodyElse() {
  struct Count {
    std::size_t living;
    static void visit(Thread* thread, void* data) {
      bool ended = (__atomic_load_n(&thread->life, __ATOMIC_ACQUIRE) & kFinished) != 0;
      if (!ended && !thread->fiber) ++static_cast<Count*>(data)->living;
    }
  } count{0};
  forEachThread(&Count::visit, &count);
  return count.living > 1;
}

bool kernelMayHold() {
  constexpr int kDescriptors = 1024;
  char target[32];
  for (int i = 0; i < kDescriptors; ++i) {
    Text<40> path;
    path << "/proc/self/fd/" << static_cast<std::uint64_t>(i);
    long length = rawSyscall(SYS_readlink, reinterpret_cast<long>(path.c_str()), reinterpret_cast<long>(target),
                             sizeof(target) - 1);
    if (length <= 0) continue;
    target[length] = 0;
    if (sameText(target, "anon_inode:[eventpoll]") || sameText(target, "anon_inode:[io_uring]")) return true;
  }
  return false;
}

/// Awaits another that is stranded, too: that one is told of, or both if it comes back here.
Task* awaited(const Task& task) {
  for (const Candidate& other : candidates)
    if (!other.held && other.task != &task && awaiterOf(*other.task) == &task) return other.task;
  return nullptr;
}

/// The task comes back to itself by way of those awaited. `first`: none of them has its frame before.
bool isInCycle(const Task& task, bool& first) {
  first = true;
  const Task* at = awaited(task);
  for (std::size_t i = 0; at != nullptr && at != &task && i < candidates.size(); ++i) {
    first = first && at->frame > task.frame;
    at = awaited(*at);
  }
  return at == &task;
}

void tell(Thread* self, Task& task) {
  bool first = false;
  if (!isInCycle(task, first)) {
    if (awaited(task) == nullptr) reportTaskEnd(self, protocol::MisuseKind::TaskStranded, task);
  } else if (first) {
    reportTaskEnd(self, protocol::MisuseKind::TaskCycle, task);
  }
}

/// REQUIRES: the caller has saved its registers.
__attribute__((noinline)) void lookForStranded(Thread* self) {
  stackPointer = reinterpret_cast<Address>(__builtin_frame_address(0));
  forEachTask(collect, nullptr);
  if (candidates.size() == 0 || candidates.size() > kMostTasks || anybodyElse() || kernelMayHold()) return;
  sortCandidates();
  if (!scanMemory()) return;
  spread();
  for (const Candidate& candidate : candidates)
    if (!candidate.held) tell(self, *candidate.task);
}

}  // namespace

void reportStrandedTasks() {
  Thread* self = ownThread;
  if (!options.tasks || self == nullptr) return;
  RuntimeScope scope;
  __builtin_unwind_init();  // A register may hold a handle.
  lookForStranded(self);
  __asm__ volatile("" ::: "memory");  // No tail call.
}

}  // namespace deadheat::rt
