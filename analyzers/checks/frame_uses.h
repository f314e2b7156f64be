// Frame uses: what a coroutine uses, after it has been suspended, of what is not its own: the object it is a method or
// closure of, and what its reference and pointer parameters lead to.
#pragma once

#include <map>
#include <set>

#include "analyzers/checks/suspensions.h"

namespace deadheat {

/// See the top of the file.
struct FrameUse {
  bool ofObject = false;           ///< `*this`, a closure's own captures included.
  std::set<std::uint32_t> parameters;  ///< Those that are followed to what they refer to.
  std::set<Symbol> captures;       ///< Captured references and pointers that are followed: the closure's fields.
  Location place;                  ///< The first use.
  bool any() const { return ofObject || !parameters.empty() || !captures.empty(); }
};

/// Uses of one program's coroutines, each looked for once.
class FrameUses {
 public:
  explicit FrameUses(const Program& program) : program_(program) {}

  /// What `coroutine` uses after its first suspension, or at all if it is lazy or a handler: whoever made it has gone
  /// on by then.
  const FrameUse& of(FunctionIndex coroutine);

 private:
  void look(const FunctionView& view, const StepView& step, FrameUse& use) const;
  void note(PathId path, bool follows, FrameUse& use) const;

  const Program& program_;
  std::map<FunctionIndex, FrameUse> known_;
};

}  // namespace deadheat
