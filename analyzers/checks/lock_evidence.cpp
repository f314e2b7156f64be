#include "analyzers/checks/lock_evidence.h"

#include <algorithm>

#include "analyzers/checks/witness.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

std::vector<Trace> stepsOf(const Tables& tables, TraceId trace) {
  std::vector<Trace> all;
  for (; trace != TraceId::Here; trace = tables.traces[trace].rest) all.push_back(tables.traces[trace]);
  return all;
}

/// The name says that giving a lock back is all the function is for.
bool saysItGivesBack(llvm::StringRef name) {
  for (llvm::StringRef word : {"unlock", "release", "leave", "exit", "end"}) {
    if (name.contains_insensitive(word)) return true;
  }
  return false;
}

/// The name says that taking or giving back a lock is all the function is for.
bool isNameForLocking(llvm::StringRef name) {
  for (llvm::StringRef word : {"lock", "acquire", "release"}) {
    if (name.contains_insensitive(word)) return true;
  }
  return false;
}

unsigned bit(Recursion recursion) { return 1u << static_cast<unsigned>(recursion); }

}  // namespace

std::vector<std::uint32_t> fieldKey(const PathTable& paths, PathId lock) {
  std::vector<std::uint32_t> key;
  for (; !paths.isRoot(lock); lock = paths[lock].parent) {
    const PathNode& node = paths[lock];
    if (node.kind == PathNode::Kind::Element) continue;
    if (node.kind == PathNode::Kind::Deref && !key.empty()) break;
    if (node.kind == PathNode::Kind::Deref) continue;
    if (node.kind != PathNode::Kind::Field) break;
    key.push_back(raw(node.name));
    key.push_back(raw(node.record));
  }
  return key;
}

WitnessThread tellMarks(const Program& program, const std::vector<LockMark>& marks) {
  const Tables& tables = program.tables();
  WitnessThread out;
  out.name = "any thread";
  std::vector<Trace> before;
  for (const LockMark& mark : marks) {
    if (mark.site == HoldSiteId::None) continue;
    const HoldSite& site = tables.holdSites[mark.site];
    const std::vector<Trace> way = stepsOf(tables, site.trace);
    std::size_t depth = 0;
    while (depth < way.size() && depth < before.size() && way[depth].location == before[depth].location) ++depth;
    for (; depth < way.size(); ++depth) {
      out.steps.push_back({WitnessStep::Kind::Call, program.point(way[depth].location),
                           program.functionName(way[depth].function),
                           "calls " + quoted(program.functionName(way[depth].callee)), {}, 0});
    }
    out.steps.push_back(
        {mark.kind, program.point(site.location), program.functionName(site.function), mark.text, {}, 0});
    before = way;
  }
  return out;
}

LockPlace placeToTell(const Program& program, TraceId trace, Location location, FunctionIndex function) {
  LockPlace place{location, function};
  const std::vector<Trace> way = stepsOf(program.tables(), trace);
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    const Function::Kind kind = program.function(step->callee).kind;
    const bool isGuard = kind == Function::Kind::Constructor || kind == Function::Kind::Destructor;
    if (step->kind != Trace::Kind::Call || isGuard || !isNameForLocking(program.functionName(step->callee))) break;
    place = {step->location, step->function};
  }
  return place;
}

SourcePoint pointOf(const Program& program, HoldSiteId site) {
  return program.point(program.tables().holdSites[site].location);
}

Location placeInFrame(const Program& program, HoldSiteId site) {
  const HoldSite& where = program.tables().holdSites[site];
  return where.trace == TraceId::Here ? where.location : program.tables().traces[where.trace].location;
}

Finding lockFinding(const Program& program, const LockIncident& incident, const char* check) {
  Finding out;
  out.check = check;
  out.location = pointOf(program, incident.at);
  out.subjects = {nameOf(program, incident.lock)};
  std::set<std::string> functions{program.functionName(incident.frame)};
  for (HoldSiteId site : {incident.at, incident.since}) {
    if (site != HoldSiteId::None) functions.insert(program.functionName(program.tables().holdSites[site].function));
  }
  out.functions.assign(functions.begin(), functions.end());
  return out;
}

LockEvidence::LockEvidence(const Program& program) : program_(program) {
  const Bodies& bodies = program.bodies();
  for (std::uint32_t i = 0; i < bodies.functions.size(); ++i) {
    const auto f = static_cast<FunctionIndex>(i);
    const Body& body = bodies[f];
    for (const StepBlock& block : body.blocks) {
      catches_ |= block.unwinds;
      for (const Step& step : block.steps) {
        const auto* lifetime = std::get_if<Lifetime>(step.what);
        if (lifetime && lifetime->phase == Lifetime::Phase::Begins) made_[keyOf(step.path)] |= bit(lifetime->recursion);
      }
    }
    for (const CallSite& call : body.calls) {
      for (FunctionIndex target : call.targets) {
        if (target != f) called_.insert(target);
        if (call.spawn) entries_.insert(target);
      }
    }
  }
  for (std::uint32_t i = 0; i < bodies.functions.size(); ++i) {
    const auto f = static_cast<FunctionIndex>(i);
    const Body& body = bodies[f];
    if (body.facts->kind == Function::Kind::Destructor) continue;
    for (const LockOutcome& outcome : program.summary(f).lockOutcomes) {
      if (outcome.ways & LockOutcome::kTakes) takenBy_.insert({f, keyOf(outcome.lock)});
      if (!(outcome.ways & (LockOutcome::kGives | LockOutcome::kGivesEnds))) continue;
      given_.insert(keyOf(outcome.lock));
      // Where the function may as well take it, what it does is not clear, and no hand-over.
      const bool clear = !(outcome.ways & LockOutcome::kTakes);
      // What its callers have not taken themselves is among their own outcomes.
      const bool isInner = called_.contains(f) && !entries_.contains(f) && !body.facts->addressTaken &&
                           program.tables().paths.storage(outcome.lock) == Storage::Global;
      if (clear && !isInner && !saysItGivesBack(body.facts->name)) handedOver_.insert(keyOf(outcome.lock));
    }
  }
  for (const LockIncident& incident : program.lockIncidents()) {
    if (incident.kind == LockIncident::Kind::CallerGivesBack) {
      byCallers_.insert({incident.callee, keyOf(incident.lock)});
      handedOver_.insert(keyOf(incident.lock));
    }
  }
  given_.erase(Key{});
  handedOver_.erase(Key{});
  made_.erase(Key{});
}

bool LockEvidence::saysItTakes(std::string_view name) {
  for (llvm::StringRef word : {"lock", "acquire", "enter", "take", "grab"}) {
    if (llvm::StringRef(name).contains_insensitive(word)) return true;
  }
  return false;
}

LockEvidence::Key LockEvidence::keyOf(PathId lock) const {
  const PathTable& paths = program_.tables().paths;
  if (lock == PathId::Unknown) return {};
  Key key = fieldKey(paths, lock);
  const Storage storage = paths.storage(lock);
  if (key.empty() && (storage == Storage::Global || storage == Storage::Local)) key.push_back(raw(paths[lock].root));
  return key;
}

Recursion LockEvidence::recursion(PathId lock, Recursion said) const {
  if (said != Recursion::Unknown) return said;
  auto made = made_.find(keyOf(lock));
  if (made == made_.end()) {
    const bool isVariable = program_.tables().paths.storage(lock) == Storage::Global && program_.global(lock);
    return isVariable ? Recursion::No : said;  // By an initialiser, of which the usual one makes a plain lock.
  }
  if (made->second == bit(Recursion::No)) return Recursion::No;
  return made->second == bit(Recursion::Yes) ? Recursion::Yes : Recursion::Unknown;
}

}  // namespace deadheat
