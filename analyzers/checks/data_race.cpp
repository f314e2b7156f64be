// data-race: two threads touch the same memory, at least one writes, and nothing orders them.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analyzers/checks/access_places.h"
#include "analyzers/checks/check.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/team_pairs.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

const char* verb(const AccessFact& fact) {
  if (fact.frees) return "free";
  return fact.writes() ? "write" : "read";
}

/// All pairs about one variable.
using Pairs = std::vector<RacePair>;

class Reporter {
 public:
  explicit Reporter(const Program& program) : program_(program), places_(program) {}

  std::vector<Race> report(Pairs pairs) {
    std::map<std::string, Pairs> byVariable;
    for (RacePair& pair : pairs) byVariable[variable(pair)].push_back(pair);
    for (auto& [name, group] : byVariable) choose(name, group);
    return std::move(races_);
  }

 private:
  /// The shorter path of the two is the whole that both touch.
  std::string variable(const RacePair& pair) const {
    const PathTable& paths = program_.tables().paths;
    PathId a = pair.a->fact.path, b = pair.b->fact.path;
    return nameOf(program_, paths[a].depth <= paths[b].depth ? a : b);
  }

  std::tuple<int, std::uint32_t, int, Location, Location> rank(const RacePair& p) const {
    const Traces& traces = program_.tables().traces;
    return {-static_cast<int>(p.confidence), traces.length(p.a->fact.trace) + traces.length(p.b->fact.trace),
            p.a->fact.function == p.b->fact.function ? 1 : 0, p.a->fact.location, p.b->fact.location};
  }

  static bool ends(const RacePair& pair) {
    return pair.a->fact.frees || pair.a->fact.ending || pair.b->fact.frees || pair.b->fact.ending;
  }

  /// The best pair tells the story; whatever else races on the variable is a place of the same finding. The end of an
  /// object is another matter than what is done to it while it lives.
  void choose(const std::string& name, Pairs& group) {
    std::sort(group.begin(), group.end(), [&](const RacePair& x, const RacePair& y) { return rank(x) < rank(y); });
    for (const bool ending : {false, true}) {
      Pairs same;
      std::copy_if(group.begin(), group.end(), std::back_inserter(same),
                   [&](const RacePair& pair) { return ends(pair) == ending; });
      if (!same.empty()) races_.push_back({same.front(), finding(name, same)});
    }
  }

  /// The places of pairs that are believed, in the order of the pairs, without those of the first.
  std::vector<Site> otherPlaces(const Pairs& pairs) {
    const Confidence least = std::min(pairs.front().confidence, Confidence::Medium);
    std::vector<Site> places;
    std::set<SourcePoint> known;
    auto add = [&](const AccessFact& fact) {
      for (const Site& place : places_.of(fact)) {
        if (known.insert(place.point).second && places.size() < kMaxPlaces) places.push_back(place);
      }
    };
    for (const AccessFact* fact : {&pairs.front().a->fact, &pairs.front().b->fact}) {
      known.insert(program_.point(fact->location));
    }
    for (const RacePair& pair : pairs) {
      if (pair.confidence < least) continue;
      add(pair.a->fact);
      add(pair.b->fact);
    }
    return places;
  }

  std::string message(const std::string& name, const RacePair& pair, std::size_t more) const {
    std::string text = "Data race on " + quoted(name) + ": " + meetingText(program_, pair);
    if (more > 0) text += " (and " + std::to_string(more) + (more == 1 ? " more place)" : " more places)");
    return text;
  }

  std::string fix(const RacePair& pair) const {
    auto locks = lockNames(program_, pair.b->fact.held);
    if (locks.empty()) locks = lockNames(program_, pair.a->fact.held);
    if (pair.a->fact.frees || pair.b->fact.frees) {
      return "Join the other thread, or share ownership, before the object is freed.";
    }
    if (locks.empty() && program_.tables().contexts.isParallel(pair.a->fact.context)) return teamFix(pair);
    if (locks.empty()) return "Guard both accesses with one mutex, or make the variable atomic.";
    return "Hold " + quoted(locks.front()) + " at both accesses, exclusively where one writes.";
  }

  std::string teamFix(const RacePair& pair) const {
    const PathTable& paths = program_.tables().paths;
    if (paths.passes(pair.a->fact.path, PathNode::Kind::Element))
      return "Let each turn reach elements of its own only, or guard both accesses with critical or atomic.";
    return "Make the variable private or a reduction, or guard both accesses with critical or atomic.";
  }

  Finding finding(const std::string& name, const Pairs& pairs) {
    const RacePair& pair = pairs.front();
    const AccessFact& a = pair.a->fact;
    const AccessFact& b = pair.b->fact;
    Finding out;
    out.check = "data-race";
    out.places = otherPlaces(pairs);
    out.message = message(name, pair, out.places.size());
    out.location = program_.point(a.location);
    out.confidence = pair.confidence;
    out.confidenceReason = pair.reason.empty() ? "both threads and the object they share are known" : pair.reason;
    out.subjects = {name};
    out.functions = {program_.functionName(a.function), program_.functionName(b.function)};
    std::sort(out.functions.begin(), out.functions.end());
    out.functions.erase(std::unique(out.functions.begin(), out.functions.end()), out.functions.end());
    out.witness = {witnessThread(program_, pair.scope, pair.a->actor, a, accessStep(program_, a)),
                   witnessThread(program_, pair.scope, pair.b->actor, b, accessStep(program_, b))};
    out.sites = {accessSite(program_, a), accessSite(program_, b)};
    out.fixHint = fix(pair);
    return out;
  }

  static constexpr std::size_t kMaxPlaces = 40;
  const Program& program_;
  AccessPlaces places_;
  std::vector<Race> races_;
};

/// Whatever no other check tells better.
bool recognise(const Program&, const RacePair&, Finding&) { return true; }

constexpr CheckInfo kInfo = {
    .id = "data-race",
    .title = "Two threads use the same memory at the same time, and at least one writes",
    .reason =
        R"(Two accesses race when different threads make them, at least one is a write, they are not both atomic, and
nothing orders them: no lock that both hold, no thread start or join between them, no atomic hand-over.

In C and C++ this is undefined behaviour, not just an old or a new value. The compiler keeps values in registers,
splits and merges accesses and reorders them on the assumption that nobody else looks. What is seen in practice: lost
updates, a loop that never notices its stop flag, a pointer read before the object behind it is written, a container
whose inner pointers are torn while it grows.

A lock protects only if both sides hold the same one, and a shared (reader) hold does not protect a write. Reading a
variable "just for the log" needs the lock too. Freeing memory counts as a write to all of it.)",
    .example = R"(std::mutex mu;
int hits = 0;

void serve() {
  std::lock_guard lock(mu);
  ++hits;
}

void report() {
  printf("%d hits\n", hits);  // races with serve(): reads without mu
}

int main() {
  std::thread worker(serve);
  report();
  worker.join();
})",
    .fix =
        R"(Hold the same mutex at every access, also the reads:

  void report() {
    std::lock_guard lock(mu);
    printf("%d hits\n", hits);
  }

For a single counter or flag, std::atomic is enough. Data that only one thread needs can be passed to it, or collected
after join(). volatile does not help: it neither orders nor makes indivisible.)",
    .cwe = "CWE-362",
};

}  // namespace

std::string meetingText(const Program& program, const RacePair& pair) {
  const AccessFact& a = pair.a->fact;
  const AccessFact& b = pair.b->fact;
  std::string text =
      std::string(verb(a)) + " in " + quoted(program.functionName(a.function)) + " " + heldText(program, a.held);
  if (a.location == b.location && pair.a->actor == pair.b->actor)
    return text + " may run in several threads at the same time";
  return text + " may run at the same time as the " + verb(b) + " in " + quoted(program.functionName(b.function)) +
         " " + heldText(program, b.held);
}

std::vector<Race> findRaces(const Program& program) {
  const std::set<std::string> known = variablesOfThreads(program);
  const bool hasMain = !program.scopes().empty() && program.scopes().front().isMain;
  std::vector<RacePair> pairs;
  for (const Scope& scope : program.scopes()) {
    if (scope.kind == Scope::Kind::Library && hasMain) continue;
    std::vector<RacePair> more =
        scope.kind == Scope::Kind::Frame ? pairsInFrame(program, scope) : pairsByEvidence(program, scope, known);
    pairs.insert(pairs.end(), more.begin(), more.end());
  }
  std::set<std::pair<Location, Location>> seen;
  for (TeamView view : {TeamView::OfItsOwn, TeamView::OfWhatItCalls}) {
    for (const Team& team : program.teams()) {
      for (RacePair& pair : pairsInTeam(program, team, view)) {
        const std::pair places{pair.a->fact.location, pair.b->fact.location};
        const bool known = view == TeamView::OfWhatItCalls && seen.contains(places);
        seen.insert(places);
        if (!known) pairs.push_back(std::move(pair));
      }
    }
  }
  return Reporter(program).report(std::move(pairs));
}

extern const Check kDataRace;
const Check kDataRace = {.info = kInfo, .recognise = recognise};

}  // namespace deadheat
