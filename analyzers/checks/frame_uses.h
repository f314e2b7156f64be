// Frame uses: what a coroutine uses, after it has been suspended, of what is not its own: the object it is a method or
// closure of, and what its reference and pointer parameters lead to.
#pragma once

#include <map>
#include <optional>

#include "analyzers/checks/suspensions.h"

namespace deadheat {

/// See the top of the file. Each with the place of its first use.
struct FrameUse {
  std::optional<Location> ofObject;              ///< `*this`, a closure's own captures included.
  std::map<std::uint32_t, Location> parameters;  ///< Those that are followed to what they refer to.
  /// Pointers in objects of the frame that are followed: the parameter, and its member.
  std::map<std::pair<std::uint32_t, Symbol>, Location> members;
  std::map<std::uint32_t, Location> wholes;  ///< Parameters whose methods are called, or that are passed on.
  std::map<Symbol, Location> captures;  ///< Captured references and pointers that are followed: the closure's fields.
};

/// Uses of one program's coroutines, each looked for once.
class FrameUses {
 public:
  explicit FrameUses(const Program& program) : program_(program) {}

  /// What `coroutine` uses after its first suspension, or at all if it is lazy or a handler: whoever made it has gone
  /// on by then.
  const FrameUse& of(FunctionIndex coroutine);

 private:
  struct Look;

  const Program& program_;
  std::map<FunctionIndex, FrameUse> known_;
};

}  // namespace deadheat
