// Doubts: what lowers the confidence in a race between two accesses, wherever they were found.
#pragma once

#include <set>
#include <vector>

#include "analyzers/checks/protection.h"
#include "analyzers/checks/race_pairs.h"

namespace deadheat {

/// What one scope tells about how far its paths and its order can be relied on.
class Doubts {
 public:
  /// Linear in the scope's accesses.
  Doubts(const Program& program, const Scope& scope);

  /// Lowers `pair.confidence` by everything that speaks against the pair, with the strongest reason.
  void weigh(RacePair& pair, Overlap overlap, Protection protection) const;

  /// Whether a pointer or container on the way to `path` changes while threads run, so that two accesses by the same
  /// name may reach different objects.
  bool isUnstable(PathId path) const;

 private:
  void weighPath(RacePair& pair, Overlap overlap) const;
  void weighOrder(RacePair& pair) const;
  bool followsElement(PathId path) const;
  bool goThroughAll(PathId a, PathId b) const;
  bool startsUnseen(const SharedAccess& self, const SharedAccess& thread) const;
  bool isSignal(std::uint32_t actor) const;
  bool isOnUnknownExecutor(std::uint32_t actor) const;
  bool needsAnotherTurn(const SharedAccess& self, const SharedAccess& thread) const;
  bool getsElementOfItsOwn(const SharedAccess& self, const SharedAccess& thread) const;
  bool isJoined(const SharedAccess& access) const;

  /// A task of which it is not seen who waits for it.
  bool isHandedOn(std::uint32_t actor) const;

  const Program& program_;
  const Scope& scope_;
  const Tables& tables_;
  HandOvers handOvers_;
  std::set<PathId> joined_;                        ///< Handles that are joined anywhere in the scope.
  std::set<std::vector<std::uint32_t>> changing_;  ///< Shapes of what is written in the scope.
};

/// Lowers the confidence to `to`, unless it is there already.
void lower(RacePair& pair, Confidence to, const char* reason);

}  // namespace deadheat
