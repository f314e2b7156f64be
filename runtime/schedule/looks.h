// What threads have looked at and not acted on yet, by the plan's Look, Act and Rest sites: the gaps that others may fall
// into. Goes by performed operations alone.
#pragma once

#include "runtime/platform/growing_array.h"
#include "runtime/schedule/event.h"

namespace deadheat::rt {

/// A thread that has looked and will act.
struct Look {
  Event look;
  bool changed;  ///< By another thread, in
  Event change;
};

class Looks {
 public:
  void clear() { looks_.clear(); }

  /// Takes the operation into account. Returns the look on which it acts although another thread changed what was seen;
  /// null for all else. Good until the next call. Cost: one step for each open look.
  const Look* performed(const Event& event);

  bool isOpen(ThreadId thread) const;

 private:
  void close(ThreadId thread);

  GrowingArray<Look> looks_;
  Look acted_;
};

}  // namespace deadheat::rt
