// What a thread is about to do: the unit that schedules are made of. Plain data, known to strategies and to the engine.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// One operation, announced and not yet performed.
struct Event {
  ThreadId thread;
  Operation operation;
  bool changes;     ///< May change the state of the object, as others see it.
  Address object;   ///< First byte accessed, or the address of what synchronises; 0: none.
  std::size_t size;
  Address pc;       ///< Return address of the call that announced it; 0: no code, the start or end of a thread.
};

/// True if the order of the two can matter: different threads, overlapping objects, and one of them changes it.
inline bool conflicts(const Event& a, const Event& b) {
  return a.thread != b.thread && (a.changes || b.changes) && a.object < b.object + b.size &&
         b.object < a.object + a.size;
}

}  // namespace deadheat::rt
