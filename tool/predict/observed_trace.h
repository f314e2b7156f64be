// The trace of one run in which threads took turns: what prediction reasons about. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace deadheat {

struct ObservedEvent {
  enum class Kind : std::uint8_t {
    Read,
    Write,
    Update,     ///< Reads and writes in one step: whatever is atomic and may write.
    Fresh,      ///< The bytes are another object from here on: allocated, or a stack that went.
    Acquire,    ///< `object` is a lock, not held by the thread already.
    Release,    ///< The other end of the section.
    TryFailed,  ///< It looked whether the lock was free, and it was not.
    Create,     ///< `object` is the new thread.
    Join,       ///< `object` is a thread that ended.
    Send,       ///< What came before is before whatever receives from `object` later.
    SendAnew,   ///< The same, and what was sent before counts no more.
    Receive,
  };
  Kind kind = Kind::Read;
  std::uint32_t thread = 0;
  std::uint64_t object = 0;  ///< First byte, lock, thread or anything that is sent through.
  std::uint64_t size = 1;    ///< Bytes of an access.
  std::uint64_t place = 0;   ///< Code: what is the same there counts as the same.
  bool atomic = false;
  bool shared = false;       ///< Acquire: with other readers.
  bool waits = true;         ///< Acquire: until it has the lock, however long.

  bool isAccess() const { return kind == Kind::Read || kind == Kind::Write || kind == Kind::Update; }
  bool writes() const { return kind == Kind::Write || kind == Kind::Update; }
};

/// In the order they happened. A prefix of a trace is one.
using ObservedTrace = std::vector<ObservedEvent>;

}  // namespace deadheat
