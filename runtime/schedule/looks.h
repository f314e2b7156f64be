// What threads and tasks have looked at and not acted on yet, by the plan's Look, Act and Rest sites: the gaps that others
// may fall into. A task's are its own, whichever thread it goes on on. Goes by performed operations alone.
#pragma once

#include "runtime/platform/growing_array.h"
#include "runtime/schedule/event.h"

namespace deadheat::rt {

/// Somebody who has looked and will act.
struct Look {
  Event look;
  bool changed;  ///< By another thread or task, in
  Event change;
};

class Looks {
 public:
  /// `isOwn`: whether an operation of another task belongs to what the looking one does; null: none does.
  constexpr explicit Looks(bool (*isOwn)(const Event& look, const Event& event) = nullptr) : isOwn_(isOwn) {}

  void clear() { looks_.clear(); }

  /// Takes the operation into account. Returns the look on which it acts although another changed what was seen;
  /// null for all else. Good until the next call. Cost: one step for each open look.
  const Look* performed(const Event& event);

  bool isOpen(ThreadId thread) const;

 private:
  void close(const Event& event);

  bool (*isOwn_)(const Event& look, const Event& event);
  GrowingArray<Look> looks_;
  Look acted_{};
};

}  // namespace deadheat::rt
