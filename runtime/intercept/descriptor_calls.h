// What calls on file descriptors do, in the verbs of detect/descriptors.h and on the memory they are given.
#pragma once

#include <poll.h>
#include <sys/uio.h>

#include "runtime/detect/descriptors.h"
#include "runtime/intercept/outside.h"
#include "runtime/intercept/ranges.h"

namespace deadheat::rt {

/// One call. Does nothing when there is no current thread.
class DescriptorCall {
 public:
  DescriptorCall(Address returnAddress, const void* frame)
      : self_(currentThread()), ranges_(returnAddress, frame),
        pc_(self_ == nullptr ? 0 : callerPc(returnAddress, frame)) {}

  explicit operator bool() const { return self_ != nullptr; }
  /// Accesses to the program's memory.
  const RangeAccess& memory() const { return ranges_; }

  void uses(int descriptor) const {
    if (self_ != nullptr) descriptorUsed(self_, pc_, descriptor);
  }
  /// In a controlled run: nothing of what follows blocks. `events` as poll has them.
  void awaits(int descriptor, short events, int limitMillis = -1) const {
    if (self_ != nullptr && scheduleControlled) awaitDescriptor(self_, pc_, descriptor, events, limitMillis);
  }
  void gives(int descriptor) const {
    if (self_ != nullptr) descriptorGives(self_, pc_, descriptor);
  }
  void takes(int descriptor) const {
    if (self_ != nullptr) descriptorTakes(self_, pc_, descriptor);
  }
  void polls(int epoll, int descriptor) const {
    if (self_ != nullptr) descriptorPolled(self_, pc_, epoll, descriptor);
  }
  void closes(int descriptor) const {
    if (self_ != nullptr) descriptorClosed(self_, pc_, descriptor);
  }
  /// The result of a call that makes a descriptor; negative if it failed.
  int opened(int descriptor, Channel channel) const {
    if (self_ != nullptr && descriptor >= 0) descriptorOpened(self_, pc_, descriptor, channel);
    return descriptor;
  }
  int openedOwn(int descriptor) const { return opened(descriptor, self_ == nullptr ? 0 : newChannel()); }
  int duplicated(int from, int to) const {
    if (self_ != nullptr && to >= 0 && from != to) descriptorDuplicated(self_, pc_, from, to);
    return to;
  }
  void givesTo(Channel channel) const {
    if (self_ != nullptr) channelGives(self_, channel);
  }
  void takesFrom(Channel channel) const {
    if (self_ != nullptr) channelTakes(self_, channel);
  }

  void read(const void* begin, std::size_t size) const {
    if (self_ != nullptr) ranges_.read(begin, size);
  }
  void write(const void* begin, std::size_t size) const {
    if (self_ != nullptr) ranges_.write(begin, size);
  }
  /// What `size` bytes fill of the parts.
  void writeParts(const iovec* parts, int count, std::size_t size) const {
    read(parts, static_cast<std::size_t>(count) * sizeof(iovec));
    for (int i = 0; i < count && size != 0; ++i) {
      std::size_t filled = parts[i].iov_len < size ? parts[i].iov_len : size;
      write(parts[i].iov_base, filled);
      size -= filled;
    }
  }
  void readParts(const iovec* parts, int count) const {
    read(parts, static_cast<std::size_t>(count) * sizeof(iovec));
    for (int i = 0; i < count; ++i) read(parts[i].iov_base, parts[i].iov_len);
  }

 private:
  Thread* self_;
  RangeAccess ranges_;
  Address pc_;
};

/// Around a call that takes something from the descriptor: `filled(result)` tells what it wrote.
template <class Call, class Filled>
auto taking(const DescriptorCall& use, int descriptor, Call call, Filled filled, int limitMillis = -1) {
  use.awaits(descriptor, POLLIN, limitMillis);
  use.uses(descriptor);
  auto result = call();
  if (result > 0) filled(static_cast<std::size_t>(result));
  if (result >= 0) use.takes(descriptor);
  return result;
}

}  // namespace deadheat::rt

#define DEADHEAT_DESCRIPTOR_CALL \
  ::deadheat::rt::DescriptorCall use { ::deadheat::rt::addressOf(__builtin_return_address(0)), __builtin_frame_address(0) }
