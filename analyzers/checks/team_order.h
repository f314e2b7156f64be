// Team order: in which ways two accesses of a team or of tasks may be made at the same time.
//
// By two threads of a team that the regions of both have in common; by a task and whoever started it, or two tasks of
// one thread; by two turns of a vector loop that run in one step. What each way says of loop counters and thread
// numbers is left to Turns.
#pragma once

#include <vector>

#include "analyzers/checks/turns.h"
#include "analyzers/link/team.h"

namespace deadheat {

class TeamOrder {
 public:
  TeamOrder(const Tables& tables, const Team& team, const Turns& turns, const AccessFact& a, const AccessFact& b)
      : tables_(tables), team_(team), turns_(turns), facts_{&a, &b} {}

  /// One way in which they may meet.
  struct Meeting {
    std::size_t own = 0;  ///< From this region on, each has counters of its own.
    Turns::Alternatives alternatives;
    FunctionIndex construct = FunctionIndex::None;  ///< Where the construct stands that lets them meet.
    bool league = false;   ///< Locks do not help.
    bool assumed = false;  ///< A team around the function is taken for granted.
  };
  std::vector<Meeting> meetings() const;

 private:
  std::optional<Meeting> betweenThreads(std::size_t team) const;
  std::optional<Meeting> betweenTasks() const;
  std::optional<Meeting> betweenLanes(std::size_t loop) const;

  Region::Kind kind(int side, std::size_t at) const { return turns_.node(side, at).facts->kind; }
  std::size_t first(int side, std::size_t from, Region::Kind wanted) const;
  std::size_t last(int side, std::size_t from, Region::Kind wanted) const;
  bool isPrivateTo(std::size_t at) const;
  bool isSerial(std::size_t team) const;
  bool haveCommonCritical(std::size_t from) const;
  Turns::Alternatives phases(std::size_t team) const;
  Turns::Alternatives otherShare(std::size_t team) const;
  bool isLive(PathId task, int at) const;
  std::optional<Turns::Alternatives> betweenInstances(std::size_t task) const;
  std::optional<Turns::Alternatives> unorderedTasks(std::size_t x, std::size_t y) const;
  std::optional<Turns::Alternatives> otherObjects(const ContextNode& x, const ContextNode& y) const;
  std::vector<Comparison> sameInstance() const;
  std::size_t innermostTeam() const;

  const Tables& tables_;
  const Team& team_;
  const Turns& turns_;
  const AccessFact* facts_[2];
};

}  // namespace deadheat
