// System calls that a program makes itself and announces, before and after, through <sanitizer/linux_syscall_hooks.h>:
// those that fork, and those on file descriptors, mean what the functions of libc mean. The others are here so that the
// program links.
#include "runtime/abi/export.h"
#include "runtime/abi/syscall_names.h"
#include "runtime/detect/descriptors.h"
#include "runtime/protocol.h"

using namespace deadheat::rt;

namespace {

void forks() { beforeFork(); }
void forked(long result) { result == 0 ? afterForkInChild() : afterForkInParent(); }

void wrote(Thread* self, Address pc, const void* begin, long size) {
  if (size > 0) memoryAccess(self, pc, addressIn(begin), static_cast<std::size_t>(size), deadheat::protocol::kAccessWrite);
}

}  // namespace

/// What a call means that no function below says more of.
extern "C" __attribute__((used)) void deadheatSystemCall() {}

#define DEADHEAT_QUIET(name)                                                                                   \
  __asm__(".weak __sanitizer_syscall_pre_impl_" #name "\n.set __sanitizer_syscall_pre_impl_" #name             \
          ", deadheatSystemCall\n.weak __sanitizer_syscall_post_impl_" #name                                   \
          "\n.set __sanitizer_syscall_post_impl_" #name ", deadheatSystemCall");

#define DEADHEAT_BEFORE(name, ...) DEADHEAT_EXPORT void __sanitizer_syscall_pre_impl_##name(__VA_ARGS__)
#define DEADHEAT_AFTER(name, ...) DEADHEAT_EXPORT void __sanitizer_syscall_post_impl_##name(long result __VA_OPT__(, ) __VA_ARGS__)

DEADHEAT_SYSCALLS(DEADHEAT_QUIET)

DEADHEAT_BEFORE(fork) { forks(); }
DEADHEAT_AFTER(fork) { forked(result); }
DEADHEAT_BEFORE(vfork) { forks(); }
DEADHEAT_AFTER(vfork) { forked(result); }

DEADHEAT_BEFORE(read, long descriptor, void* to, long size) {
  if (Thread* self = currentThread()) descriptorUsed(self, DEADHEAT_PC, static_cast<int>(descriptor));
}
DEADHEAT_AFTER(read, long descriptor, void* to, long size) {
  Thread* self = currentThread();
  if (self == nullptr || result < 0) return;
  wrote(self, DEADHEAT_PC, to, result);
  descriptorTakes(self, DEADHEAT_PC, static_cast<int>(descriptor));
}
DEADHEAT_BEFORE(write, long descriptor, const void* from, long size) {
  Thread* self = currentThread();
  if (self == nullptr) return;
  if (size > 0) memoryAccess(self, DEADHEAT_PC, addressIn(from), static_cast<std::size_t>(size), 0);
  descriptorGives(self, DEADHEAT_PC, static_cast<int>(descriptor));
}
DEADHEAT_AFTER(write, long descriptor, const void* from, long size) {}
DEADHEAT_BEFORE(close, long descriptor) {
  if (Thread* self = currentThread()) descriptorClosed(self, DEADHEAT_PC, static_cast<int>(descriptor));
}
DEADHEAT_AFTER(close, long descriptor) {}

namespace {

void pipeMade(Address pc, long result, const int* pair) {
  Thread* self = currentThread();
  if (self == nullptr || result != 0) return;
  Channel channel = newChannel();
  wrote(self, pc, pair, 2 * sizeof(int));
  descriptorOpened(self, pc, pair[0], channel);
  descriptorOpened(self, pc, pair[1], channel);
}

}  // namespace

DEADHEAT_BEFORE(pipe, int* pair) {}
DEADHEAT_AFTER(pipe, int* pair) { pipeMade(DEADHEAT_PC, result, pair); }
DEADHEAT_BEFORE(pipe2, int* pair, long flags) {}
DEADHEAT_AFTER(pipe2, int* pair, long flags) { pipeMade(DEADHEAT_PC, result, pair); }
