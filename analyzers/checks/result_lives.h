// Which shares in results a function has at each of its steps: the state of its promises, packaged tasks and futures.
//
// A forward dataflow over one view. What callees do to objects that they are given by address is looked up, a few calls
// deep; where an object is seen by code that is not followed, its life is kUnknown from then on.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "analyzers/checks/ways.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// What may have become of an object with a share in a result, as bits. None: it is not followed.
using ResultLife = std::uint8_t;
inline constexpr ResultLife kOpen = 1;  ///< Maker: nothing is stored yet. Reader: it has not been taken.
inline constexpr ResultLife kDone = 2;  ///< Maker: a result is stored. Reader: it was taken.
inline constexpr ResultLife kGone = 4;  ///< The share went elsewhere, or there never was one.
inline constexpr ResultLife kUnknown = 8;
inline constexpr ResultLife kDeferred = 16;  ///< Reader: open, and computed only when somebody asks.
inline constexpr ResultLife kAsFound = 32;   ///< As the caller of the function left it.

struct ResultState {
  ResultUse::Side side = ResultUse::Side::Maker;
  ResultLife life = 0;
  bool handed = false;  ///< Maker: the future was given out, on every way.
  Location changed;     ///< Where it was last stored, taken or moved; of several places the first.
  auto operator<=>(const ResultState&) const = default;
};
using ResultStates = std::map<PathId, ResultState>;

/// What a function does to the results of its caller, by parameter, `this` or global path.
struct ResultEffect {
  ResultLife atExit = 0;  ///< kAsFound: some way leaves it alone.
  bool stores = false;    ///< Some way stores into, or takes from, the object as the caller left it.
  Location where;         ///< Of that.
};
using ResultEffects = std::map<PathId, ResultEffect>;

/// Effects of all functions, computed when asked for.
class ResultSummaries {
 public:
  explicit ResultSummaries(const Program& program);

  /// Whether the function uses promises or futures, or calls one that does.
  bool concerns(FunctionIndex f) const { return depth_[static_cast<std::size_t>(f)] >= 0; }
  const ResultEffects& of(FunctionIndex f);

 private:
  const Program& program_;
  std::vector<int> depth_;  ///< By function: calls to the next use of a result; -1 if there is none near.
  std::map<FunctionIndex, ResultEffects> known_;
};

class ResultLives {
 public:
  ResultLives(const Program& program, const FunctionView& view, ResultSummaries& summaries);

  const ResultStates& before(StepPlace place) const { return before_[place.block][place.step]; }
  /// At the end of the block, on the way to its successors.
  const ResultStates& atEnd(std::uint32_t block) const { return end_[block]; }
  bool isReached(std::uint32_t block) const { return reached_[block]; }
  /// The state of `object` in `states`; null if it is not followed there.
  static const ResultState* find(const ResultStates& states, PathId object);
  /// What the call at `step` does to the caller's objects, by their names here.
  std::vector<std::pair<PathId, ResultEffect>> effectsOf(const StepView& step) const;
  /// What the function does to objects that it found.
  ResultEffects effects() const;

 private:
  void solve();
  static ResultStates inDoubt(ResultStates states);
  bool flow(const ResultStates& out, std::uint32_t to);
  void transfer(ResultStates& states, const StepView& step);
  void use(ResultStates& states, const StepView& step, const ResultUse& use);
  void assign(ResultStates& states, const StepView& step) const;
  void call(ResultStates& states, const StepView& step) const;
  void open(ResultStates& states, PathId prefix) const;
  bool isOne(PathId object) const;
  bool isFound(PathId object) const;
  ResultState initial(PathId object, ResultUse::Side side) const;

  const Program& program_;
  const PathTable& paths_;
  const FunctionView& view_;
  ResultSummaries& summaries_;
  std::vector<ResultStates> entry_, end_;
  std::vector<bool> reached_;
  std::vector<std::vector<ResultStates>> before_;
  ResultEffects found_;
  std::set<PathId> objects_;  ///< That the function uses.
};

}  // namespace deadheat
