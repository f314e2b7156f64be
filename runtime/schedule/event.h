// What a thread is about to do: the unit that schedules are made of. Plain data, known to strategies and to the engine.
#pragma once

#include "runtime/core.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

struct Task;

/// One operation, announced and not yet performed.
struct Event {
  ThreadId thread;
  Operation operation;
  bool changes;     ///< May change the state of the object, as others see it.
  Address object;   ///< First byte accessed, or the address of what synchronises; 0: none.
  std::size_t size;
  Address pc;       ///< Return address of the call that announced it; 0: no code, the start or end of a thread.
  bool atomic = false;
  std::uint32_t site = kNoSite;  ///< Of the plan, which the operation is at, and of what kind that is.
  protocol::SiteKind role{};
  Context context = 0;           ///< Its calling context, if it is at a site.
  std::uint32_t task = 0;        ///< Number of the task that its thread is in,
  const Task* running = nullptr;  ///< and the task, which may be another later.

  static constexpr std::uint32_t kNoSite = ~0u;
  bool isAt(protocol::SiteKind kind) const { return site != kNoSite && role == kind; }
  bool isAccess() const {
    return operation == Operation::Read || operation == Operation::Write || operation == Operation::Update ||
           operation == Operation::Free;
  }
};

/// True if the order of the two can matter: different threads, overlapping objects, and one of them changes it.
inline bool conflicts(const Event& a, const Event& b) {
  return a.thread != b.thread && (a.changes || b.changes) && a.object < b.object + b.size &&
         b.object < a.object + a.size;
}

/// The two are a race if both can be next: accesses to the same bytes, one a write, not both atomic.
inline bool races(const Event& a, const Event& b) {
  return a.isAccess() && b.isAccess() && !(a.atomic && b.atomic) && conflicts(a, b);
}

/// Whose memory an access is to.
enum class Lent : std::uint8_t {
  No,     ///< Nobody else's stack.
  Lives,  ///< Another thread's, in a frame that goes on as far as can be told.
  Left,   ///< Another thread's, and gone.
};

}  // namespace deadheat::rt
