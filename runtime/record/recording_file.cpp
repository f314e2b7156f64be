#include "runtime/record/recording_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/platform/descriptor.h"
#include "runtime/platform/environment.h"
#include "runtime/platform/pages.h"
#include "runtime/platform/text.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

constexpr int kToolError = 1;
constexpr std::size_t kFirstSize = 1 << 18;
constexpr std::size_t kLargestStep = 1 << 24;
constexpr std::size_t kMemorySize = 1 << 26;
constexpr int kLooksBeforeTheft = 1000;

protocol::RecordingHeader* header;
int file = -1;
std::size_t mappedSize;
protocol::RecordingHeader start;  ///< Of a fork server: what every run begins with.

bool failed(long result) { return result < 0 && result > -4096; }

/// Blocks are reserved, so that a full disk is an answer here and not a signal at some later store.
bool extendFile(std::size_t from, std::size_t to) {
  long result = rawSyscall(SYS_fallocate, file, 0, static_cast<long>(from), static_cast<long>(to - from));
  if (result == -EOPNOTSUPP || result == -ENOSYS) result = rawSyscall(SYS_ftruncate, file, static_cast<long>(to));
  return !failed(result);
}

/// A file that has something in it is another process's recording.
long createNew(const char* path) {
  long result = rawSyscall(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (failed(result)) return result;
  if (rawSyscall(SYS_lseek, result, 0, SEEK_END) == 0) return result;
  rawSyscall(SYS_close, result);
  return -EEXIST;
}

void openFile(const char* path) {
  long opened = createNew(path);
  Text<4096> own;
  if (opened == -EEXIST) {
    own << path << "." << static_cast<std::uint64_t>(rawSyscall(SYS_getpid));
    opened = createNew(own.c_str());
  }
  if (failed(opened)) failStart(kToolError, "cannot create the recording ", path);
  file = moveUp(opened);
  mappedSize = options.recordingMegabytes << 20;
  if (!extendFile(0, kFirstSize)) failStart(kToolError, "no room for the recording ", path);
  long mapped = rawSyscall(SYS_mmap, 0, static_cast<long>(mappedSize), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (failed(mapped)) failStart(kToolError, "cannot map the recording ", path);
  header = reinterpret_cast<protocol::RecordingHeader*>(mapped);
}

}  // namespace

protocol::RecordingHeader* recordingHeader() { return header; }

SharedState& sharedState() { return *reinterpret_cast<SharedState*>(header->reserved); }

void mapRecording() {
  const char* path = environmentValue(environment(), protocol::kRecordingVariable);
  if (path != nullptr && *path != 0) {
    openFile(path);
    sharedState().fileSize = kFirstSize;
  } else {
    mappedSize = kMemorySize;
    header = static_cast<protocol::RecordingHeader*>(mapPages(kMemorySize));
    sharedState().fileSize = kMemorySize;
  }
  for (std::size_t i = 0; i < sizeof(header->magic); ++i) header->magic[i] = protocol::kRecordingMagic[i];
  header->version = protocol::kProtocolVersion;
  header->pid = static_cast<std::uint64_t>(rawSyscall(SYS_getpid));
}

bool recordingHasFile() { return file >= 0; }

void keepRecordingStart() { start = *header; }

void rewindRecording() {
  std::uint64_t fileSize = sharedState().fileSize;
  *header = start;
  sharedState().fileSize = fileSize;
}

void recordingServed() { header->pid = static_cast<std::uint64_t>(rawSyscall(SYS_getpid)); }

bool makeRoom(std::size_t bytes) {
  SharedState& shared = sharedState();
  std::size_t needed = protocol::kRecordsOffset + header->used + bytes;
  if (needed <= shared.fileSize) return true;
  if (file < 0 || needed > mappedSize) return false;
  std::size_t size = shared.fileSize;
  while (size < needed) size += size < kLargestStep ? size : kLargestStep;
  if (size > mappedSize) size = mappedSize;
  if (!extendFile(shared.fileSize, size)) return false;
  shared.fileSize = size;
  return true;
}

void lockRecording() {
  std::uint32_t* word = &sharedState().lockedBy;
  auto own = static_cast<std::uint32_t>(rawSyscall(SYS_getpid));
  for (int looks = 0;; ++looks) {
    std::uint32_t owner = 0;
    if (__atomic_compare_exchange_n(word, &owner, own, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
    bool dead = owner == own || rawSyscall(SYS_kill, owner, 0) == -ESRCH;  // Own: left over from before a fork.
    if (looks >= kLooksBeforeTheft && dead &&
        __atomic_compare_exchange_n(word, &owner, own, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
      return;
    rawSyscall(SYS_sched_yield);
  }
}

void unlockRecording() { __atomic_store_n(&sharedState().lockedBy, 0, __ATOMIC_RELEASE); }

}  // namespace deadheat::rt
