// Suspensions: where one function lets others run before it goes on, and what lies on which side of that.
#pragma once

#include <vector>

#include "analyzers/checks/ways.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// One place where a coroutine or fiber may be suspended.
struct Suspension {
  StepPlace place;
  const StepView* step = nullptr;
  const Suspend* what = nullptr;  ///< Without its paths.
  Resumption resumes = Resumption::Unknown;  ///< As the facts say, or what the awaiter is seen to do.
};

/// The suspensions of one view. Questions are linear in its graph.
class Suspensions {
 public:
  /// Initial and final ones are left out unless asked for: nothing of the body is on their other side.
  Suspensions(const Program& program, const FunctionView& view);

  const std::vector<Suspension>& all() const { return all_; }
  bool empty() const { return all_.empty(); }
  /// A suspension that may come after `earlier` and before `later`, without `earlier` again in between; null if none.
  const Suspension* between(StepPlace earlier, StepPlace later) const;
  /// A suspension that may come before `place`; null if none.
  const Suspension* before(StepPlace place) const;

 private:
  bool leads(StepPlace from, StepPlace to, StepPlace except) const;

  const FunctionView& view_;
  std::vector<Suspension> all_;
};

/// What a suspension is called in a message: "co_await", "the switch of fibers in 'yield'".
std::string suspensionText(const Suspend& suspend);

}  // namespace deadheat
