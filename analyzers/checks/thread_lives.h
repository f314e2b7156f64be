// Thread lives: what became of the thread that a handle stands for, at each point of one function.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "analyzers/checks/ways.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// Sets of things that may be true of a handle.
using Life = std::uint8_t;
inline constexpr Life kRunning = 1;   ///< It stands for a thread that nobody has joined or detached.
inline constexpr Life kJoined = 2;
inline constexpr Life kDetached = 4;
inline constexpr Life kEmpty = 8;     ///< It stands for none: not started here, or moved from.
inline constexpr Life kUnknown = 16;  ///< Others may have changed it.

/// What may be true of the handles of a function; those not in the map are kUnknown.
using Lives = std::map<PathId, Life>;

/// The lives before each step. Solved forwards over the graph of one view. Joining a thread
/// that may not have been started, under a condition, or all of a container in a loop, counts for the way round it, too.
class ThreadLives {
 public:
  /// `started`: handles that are known to stand for a running thread when the function begins.
  ThreadLives(const Program& program, const FunctionView& view, const std::vector<PathId>& started);

  /// Before the step; empty if it is not reached.
  const Lives& before(StepPlace place) const { return before_[place.block][place.step]; }
  Life of(PathId handle, StepPlace place) const;
  Life of(const Lives& lives, PathId handle) const;
  /// Where a thread is started into a handle of this name, if it is in this function.
  const ThreadFact* startOf(PathId handle) const;
  /// The handles that the step joins or detaches, itself or in what it calls, and how.
  std::vector<std::pair<PathId, Life>> endedIn(const StepView& step) const;

 private:
  void solve();
  void transfer(Lives& lives, const StepView& step) const;
  void start(Lives& lives, const StepView& step) const;
  void call(Lives& lives, const StepView& step) const;
  bool detachesItself(FunctionIndex entry) const;
  void end(Lives& lives, PathId handle, Life how) const;
  void move(Lives& lives, PathId to, PathId from) const;
  void onEdge(Lives& lives, std::uint32_t from, std::uint32_t to) const;
  std::vector<PathId> endedOnArm(std::uint32_t from, std::uint32_t arm, std::uint32_t to) const;

  const Program& program_;
  const PathTable& paths_;
  const FunctionView& view_;
  std::map<Location, std::vector<std::pair<PathId, Life>>> endedByCall_;
  std::vector<Lives> entry_;
  std::vector<bool> reached_;
  std::vector<std::vector<Lives>> before_;
};

}  // namespace deadheat
