#include "analyzers/checks/team_pairs.h"

#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/doubts.h"
#include "analyzers/checks/handshakes.h"
#include "analyzers/checks/team_order.h"
#include "analyzers/checks/turns.h"

namespace deadheat {
namespace {

constexpr std::size_t kMaxPairsTried = 60000;
/// Questions to the dependence test for one team, and pairs of one variable; what goes over is left out.
constexpr std::size_t kMaxQuestions = 3000;
constexpr std::size_t kMaxPairsOfVariable = 60;

bool isConflict(const AccessFact& a, const AccessFact& b) {
  if (!a.writes() && !b.writes()) return false;
  return a.atomicity != Atomicity::Atomic || b.atomicity != Atomicity::Atomic;
}

class TeamPairs {
 public:
  TeamPairs(const Program& program, const Team& team, TeamView view)
      : program_(program), tables_(program.tables()), team_(team), view_(view), doubts_(program, team.scope),
        handshakes_(program.tables(), team) {}

  std::vector<RacePair> find() {
    std::map<std::vector<std::uint32_t>, std::vector<const SharedAccess*>> groups;
    for (const SharedAccess& access : team_.scope.accesses) {
      if (!isData(program_, access.fact.path)) continue;
      PathId base = access.fact.path;
      while (!tables_.paths.isRoot(base) && tables_.paths[base].kind != PathNode::Kind::Deref)
        base = tables_.paths[base].parent;
      groups[shapeOf(tables_.paths, base)].push_back(&access);
    }
    std::size_t tried = 0;
    for (const auto& [shape, group] : groups) {
      const std::size_t before = pairs_.size();
      for (std::size_t i = 0; i < group.size(); ++i) {
        for (std::size_t j = i; j < group.size(); ++j) {
          if (!isConflict(group[i]->fact, group[j]->fact)) continue;
          if (++tried > kMaxPairsTried || questions_ > kMaxQuestions) return std::move(pairs_);
          if (pairs_.size() - before >= kMaxPairsOfVariable) continue;
          consider(*group[i], *group[j]);
        }
      }
    }
    return std::move(pairs_);
  }

 private:
  void consider(const SharedAccess& a, const SharedAccess& b) {
    const Overlap over = overlap(program_, a.fact, b.fact);
    if (over == Overlap::None) return;
    const Turns turns(tables_, a.fact, b.fact);
    const TeamOrder order(tables_, team_, turns, a.fact, b.fact);
    for (const TeamOrder::Meeting& meeting : order.meetings()) {
      if ((meeting.construct == team_.frame) != (view_ == TeamView::OfItsOwn)) continue;
      const Protection protects =
          meeting.league ? Protection::None : protection(tables_, a.fact.held, b.fact.held);
      if (protects == Protection::Sure) continue;
      ++questions_;
      const Turns::Answer answer = turns.meet(meeting.own, meeting.alternatives);
      if (answer.solution == Solution::None) continue;
      RacePair pair{&team_.scope, &a, &b, Confidence::High, ""};
      if (!a.fact.writes() || (b.fact.writes() && b.fact.location < a.fact.location)) std::swap(pair.a, pair.b);
      weigh(pair, answer);
      if (handshakes_.mayOrder(a.fact, b.fact))
        lower(pair, Confidence::Low, "the two threads may take turns by a lock or flag that both use");
      if (meeting.assumed) lower(pair, Confidence::Medium, "the function is taken to be called by a team of threads");
      doubts_.weigh(pair, over == Overlap::Partial ? over : Overlap::Exact, protects);
      pairs_.push_back(std::move(pair));
      return;
    }
  }

  /// How far the indices can be relied on.
  void weigh(RacePair& pair, const Turns::Answer& answer) const {
    if (answer.unknownIndex) {
      const bool updates = pair.a->fact.location == pair.b->fact.location && pair.a->fact.kind == AccessKind::ReadWrite;
      lower(pair, updates ? Confidence::Medium : Confidence::Low,
            "the threads may be at elements of their own: which one an index means is not known");
    }
    if (answer.unknownBounds) {
      lower(pair, Confidence::Low, "the loop around starts at a place that is not known, maybe another for each turn");
    }
    if (answer.acrossRows) {
      lower(pair, Confidence::Low, "the indices meet only if one of them leaves its row");
    }
    if (answer.solution == Solution::Possible || answer.onSymbols) {
      lower(pair, Confidence::Medium, "whether the indices meet depends on values that are not known");
    }
    if (pair.confidence == Confidence::High) {
      const bool indexed = tables_.paths.passes(pair.a->fact.path, PathNode::Kind::Element);
      pair.reason = indexed ? "the indices of two turns or threads are the same for some values of the counters"
                            : "all threads of the team share the variable";
    }
  }

  const Program& program_;
  const Tables& tables_;
  const Team& team_;
  const TeamView view_;
  const Doubts doubts_;
  const Handshakes handshakes_;
  std::size_t questions_ = 0;
  std::vector<RacePair> pairs_;
};

}  // namespace

std::vector<RacePair> pairsInTeam(const Program& program, const Team& team, TeamView view) {
  if (view == TeamView::OfWhatItCalls && !team.scope.whole) return {};
  return TeamPairs(program, team, view).find();
}

}  // namespace deadheat
