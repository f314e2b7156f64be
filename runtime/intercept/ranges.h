// What the mem and str functions read and write, as range accesses.
#pragma once

#include "runtime/detect/shadow.h"
#include "runtime/detect/targeted.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

/// The accesses of one call. Does nothing when there is no current thread, or a targeted build calls from elsewhere.
class RangeAccess {
 public:
  RangeAccess(Address returnAddress, const void* frame) : self_(fastThread) {
    if (accessesUntold()) {
      self_ = nullptr;
      return;
    }
    if (self_ != nullptr && surelyInProgram(returnAddress)) [[likely]] {
      pc_ = returnAddress;
      return;
    }
    self_ = currentThread();
    if (self_ == nullptr) return;
    if (ignoresCaller(returnAddress)) self_ = nullptr;
    pc_ = callerPc(returnAddress, frame);
  }
  explicit operator bool() const { return self_ != nullptr; }
  void read(const void* begin, std::size_t size) const { access(begin, size, protocol::kAccessRange); }
  void write(const void* begin, std::size_t size) const {
    access(begin, size, protocol::kAccessRange | protocol::kAccessWrite);
  }

 private:
  void access(const void* begin, std::size_t size, std::uint32_t flags) const {
    if (size == 0 || self_ == nullptr) return;
    if (self_ == fastThread)
      checkAccess(self_, pc_, addressOf(begin), size, flags);
    else
      memoryAccess(self_, pc_, addressOf(begin), size, flags);
  }

  Thread* self_;
  Address pc_ = 0;
};

}  // namespace deadheat::rt

#define DEADHEAT_RANGES \
  ::deadheat::rt::RangeAccess ranges { ::deadheat::rt::addressOf(__builtin_return_address(0)), __builtin_frame_address(0) }
