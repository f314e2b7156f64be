#include "runtime/detect/thread_registry.h"

#include <link.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "runtime/platform/growing_array.h"
#include "runtime/platform/raw_syscall.h"

extern "C" void* __libc_stack_end;

namespace deadheat::rt {
namespace {

constexpr std::size_t kMostMainStack = std::size_t{1} << 30;
constexpr std::size_t kMostAboveMain = 1 << 18;     ///< Arguments and environment.
constexpr Address kMostAboveFirstFrame = 0x3ff;     ///< What libc's start code and ours have on the stack.

constexpr unsigned kGroupShift = 12;
constexpr std::size_t kGroupIds = std::size_t{1} << kGroupShift;
constexpr std::size_t kGroups = std::size_t{1} << (32 - kGroupShift);
constexpr std::size_t kPage = 4096;

using Group = Thread* [kGroupIds];

SpinLock lock;
Group* groups[kGroups];
std::uint16_t entered[kGroups];  ///< How many of each group there were, and how many have left.
std::uint16_t left[kGroups];
GrowingArray<Thread*> all;  ///< Every state there ever was, in use or not.
Thread* firstFree;

Thread* newState() {
  auto* thread = static_cast<Thread*>(mapPages((sizeof(Thread) + kPage - 1) & ~(kPage - 1)));
  auto twice = reinterpret_cast<Address>(mapPages(2 * CallStack::kFrameBytes));  // What is not used costs no memory.
  thread->calls.frames = reinterpret_cast<Frame*>((twice + CallStack::kFrameBytes - 1) & ~(CallStack::kFrameBytes - 1));
  thread->calls.start();
  all.push(thread);
  return thread;
}

/// What a new owner may keep: memory, and contexts, which are the same for all threads.
void wipe(Thread* thread) {
  thread->clock.release();
  thread->releaseFence.release();
  thread->pendingAcquire.release();
  thread->calls.start();
  LockState& locks = thread->locks;
  Held* spilled = locks.spilled;
  std::uint32_t capacity = locks.capacity;
  locks = {};
  locks.spilled = spilled;
  locks.capacity = capacity;
  thread->wait = {};
  thread->plan = {};
  thread->epochKey = 0;
  thread->ignoreSyncDepth = 0;
  thread->createdContext = 0;
  thread->createdPc = 0;
  thread->record = nullptr;
  thread->stackLow = thread->stackHigh = thread->tlsLow = thread->tlsHigh = 0;
  thread->handlerDepth = 0;
  thread->ignoreRequests = 0;
  thread->sleepClock.release();
  thread->sleepPc = 0;
  thread->accesses = 0;
  thread->life = 0;
  thread->fiber = false;
  thread->fiberCarried = nullptr;
  thread->ownFiberLocks.clear();
  thread->inLibrary = false;
}

Thread** entryOf(ThreadId id) {
  Group*& group = groups[id >> kGroupShift];
  if (group == nullptr) __atomic_store_n(&group, static_cast<Group*>(mapPages(sizeof(Group))), __ATOMIC_RELEASE);
  return &(*group)[id & (kGroupIds - 1)];
}

}  // namespace

void keepThreadStates(std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) giveThreadState(newState());
}

Thread* takeThreadState() {
  SpinGuard guard(lock);
  Thread* thread = firstFree;
  if (thread == nullptr) return newState();
  firstFree = thread->nextFree;
  thread->nextFree = nullptr;
  return thread;
}

void giveThreadState(Thread* thread) {
  SpinGuard guard(lock);
  wipe(thread);
  thread->nextFree = firstFree;
  firstFree = thread;
}

void enterThread(Thread* thread) {
  SpinGuard guard(lock);
  __atomic_store_n(entryOf(thread->id), thread, __ATOMIC_RELEASE);
  ++entered[thread->id >> kGroupShift];
}

void leaveThread(Thread* thread) {
  SpinGuard guard(lock);
  __atomic_store_n(entryOf(thread->id), nullptr, __ATOMIC_RELEASE);
  std::size_t group = thread->id >> kGroupShift;
  // Nobody of a group is left: it reads as empty without memory as well.
  if (++left[group] == kGroupIds && entered[group] == kGroupIds)
    rawSyscall(SYS_madvise, reinterpret_cast<long>(groups[group]), sizeof(Group), MADV_DONTNEED);
}

Thread* threadById(ThreadId id) {
  if (id == kNoThread) return nullptr;
  Group* group = __atomic_load_n(&groups[id >> kGroupShift], __ATOMIC_ACQUIRE);
  return group == nullptr ? nullptr : __atomic_load_n(&(*group)[id & (kGroupIds - 1)], __ATOMIC_ACQUIRE);
}

void forEachThread(void (*visit)(Thread*, void*), void* argument) {
  SpinGuard guard(lock);
  for (Thread* thread : all)
    if (threadById(thread->id) == thread) visit(thread, argument);
}

void findStackBounds(Thread* self) {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void* low = nullptr;
  std::size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
    self->stackLow = reinterpret_cast<Address>(low);
    self->stackHigh = self->stackLow + size;
  }
  pthread_attr_destroy(&attributes);
  // glibc puts a thread's variables and descriptor at the high end of its stack; the first frame lies below.
  self->tlsLow = reinterpret_cast<Address>(__builtin_frame_address(0)) | kMostAboveFirstFrame;
  self->tlsHigh = self->stackHigh;
  if (self->tlsLow > self->tlsHigh) self->tlsLow = self->tlsHigh;
}

void findMainStackBounds(Thread* self) {
  struct rlimit limit;
  std::size_t size = std::size_t{8} << 20;
  if (rawSyscall(SYS_prlimit64, 0, RLIMIT_STACK, 0, reinterpret_cast<long>(&limit)) == 0 && limit.rlim_cur < kMostMainStack)
    size = limit.rlim_cur;
  self->stackHigh = reinterpret_cast<Address>(__libc_stack_end) + kMostAboveMain;
  self->stackLow = reinterpret_cast<Address>(__libc_stack_end) - size;
  Address bounds[2] = {~Address{0}, 0};
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) {
        auto* found = static_cast<Address*>(data);
        auto begin = reinterpret_cast<Address>(info->dlpi_tls_data);
        for (int i = 0; begin != 0 && i < info->dlpi_phnum; ++i) {
          if (info->dlpi_phdr[i].p_type != PT_TLS) continue;
          if (begin < found[0]) found[0] = begin;
          if (begin + info->dlpi_phdr[i].p_memsz > found[1]) found[1] = begin + info->dlpi_phdr[i].p_memsz;
        }
        return 0;
      },
      bounds);
  if (bounds[1] == 0) return;
  self->tlsLow = bounds[0];
  self->tlsHigh = bounds[1];
}

SpinLock& threadRegistryLock() { return lock; }

}  // namespace deadheat::rt
