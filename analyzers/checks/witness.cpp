#include "analyzers/checks/witness.h"

#include <algorithm>
#include <tuple>

namespace deadheat {
namespace {

std::vector<Trace> stepsOf(const Tables& tables, TraceId trace) {
  std::vector<Trace> all;
  for (; trace != TraceId::Here; trace = tables.traces[trace].rest) all.push_back(tables.traces[trace]);
  return all;
}

/// How many steps two ways have in common.
std::size_t commonDepth(const std::vector<Trace>& a, const std::vector<Trace>& b) {
  std::size_t depth = 0;
  while (depth < a.size() && depth < b.size() && a[depth].location == b[depth].location &&
         a[depth].callee == b[depth].callee) {
    ++depth;
  }
  return depth;
}

/// Neither over nor one that only the language knows of.
bool isShown(const Program& program, const HeldLock& lock) {
  const Tables& tables = program.tables();
  return lock.hold != Hold::Passed && !tables.symbols.text(tables.paths[lock.lock].name).starts_with("$init");
}

class Teller {
 public:
  Teller(const Program& program, const Moment& moment)
      : program_(program), way_(stepsOf(program.tables(), moment.trace)) {
    for (const HeldLock& lock : program.tables().locksets[moment.held]) {
      if (!isShown(program, lock) || lock.since == HoldSiteId::None) continue;
      const HoldSite& site = program.tables().holdSites[lock.since];
      std::vector<Trace> way = stepsOf(program.tables(), site.trace);
      std::size_t depth = commonDepth(way, way_);
      Location order = depth < way.size() ? way[depth].location : site.location;
      takes_.push_back({depth, order, lock, site});
    }
    std::sort(takes_.begin(), takes_.end(), [](const Take& a, const Take& b) {
      return std::tie(a.depth, a.order, a.lock.lock) < std::tie(b.depth, b.order, b.lock.lock);
    });
  }

  std::vector<WitnessStep> tell(std::size_t from) {
    for (std::size_t depth = 0; depth <= way_.size(); ++depth) {
      for (const Take& take : takes_) {
        if (take.depth == depth && depth >= from) add(take);
      }
      if (depth < way_.size() && depth + 1 >= from) add(way_[depth]);
    }
    return std::move(steps_);
  }

  /// Index after the last spawn on the way: where the thread itself begins.
  std::size_t threadStart() const {
    for (std::size_t i = way_.size(); i > 0; --i) {
      if (way_[i - 1].kind == Trace::Kind::Spawn) return i;
    }
    return 0;
  }

 private:
  struct Take {
    std::size_t depth;
    Location order;
    HeldLock lock;
    HoldSite site;
  };

  void add(const Take& take) {
    std::string name = nameOf(program_, take.lock.lock);
    std::string text = (take.lock.hold == Hold::Shared ? "takes a shared hold of " : "takes ") + quoted(name);
    steps_.push_back({WitnessStep::Kind::Acquire, program_.point(take.site.location),
                      program_.functionName(take.site.function), text, held_, 0});
    held_.push_back(std::move(name));
  }
  void add(const Trace& step) {
    const bool spawn = step.kind == Trace::Kind::Spawn;
    std::string text = (spawn ? "starts thread " : "calls ") + quoted(program_.functionName(step.callee));
    steps_.push_back({spawn ? WitnessStep::Kind::Spawn : WitnessStep::Kind::Call, program_.point(step.location),
                      program_.functionName(step.function), text, spawn ? std::vector<std::string>{} : held_, 0});
  }

  const Program& program_;
  std::vector<Trace> way_;
  std::vector<Take> takes_;
  std::vector<std::string> held_;
  std::vector<WitnessStep> steps_;
};

}  // namespace

std::string quoted(const std::string& name) { return "'" + name + "'"; }

std::string nameOf(const Program& program, PathId path) {
  const PathNode& node = program.tables().paths[path];
  if (node.storage == Storage::Opaque) {
    return program.shortText(static_cast<PathId>(program.tables().paths[node.root].index));
  }
  // A part of our own making has the name of what it is a part of.
  const bool isOurs = node.kind == PathNode::Kind::Field && program.tables().symbols.text(node.name).starts_with('$');
  return isOurs ? nameOf(program, node.parent) : program.shortText(path);
}

std::string actorName(const Program& program, const Scope& scope, std::uint32_t actor) {
  const Actor& a = scope.actors[actor];
  std::string name = program.functionName(a.entry);
  switch (a.kind) {
    case Actor::Kind::Frame:
      return scope.isMain ? "main" : "the thread in " + quoted(name);
    case Actor::Kind::Thread:
      return "thread " + quoted(name);
    case Actor::Kind::AnyCaller:
      return "any thread calling " + quoted(name);
  }
  return name;
}

/// "a thread of the team of 'omp parallel for' (line 12)", "the task of …", or nothing.
std::string teamName(const Program& program, ContextId context) {
  for (; context != ContextId::None; context = program.tables().contexts[context].parent) {
    const Region& region = *program.tables().contexts[context].facts;
    const std::string at = quoted(region.name) + " (line " + std::to_string(region.location.line) + ")";
    if (region.kind == Region::Kind::Task) return "a task of " + at;
    if (region.kind == Region::Kind::Team || region.kind == Region::Kind::League)
      return "a thread of the team of " + at;
    if (region.kind == Region::Kind::Lanes) return "a turn of " + at;
  }
  return {};
}

WitnessThread witnessThread(const Program& program, const Scope* scope, std::uint32_t actor, const Moment& moment,
                            WitnessStep last) {
  Teller teller(program, moment);
  WitnessThread out;
  out.name = scope ? actorName(program, *scope, actor) : "any thread";
  if (const std::string team = teamName(program, moment.context); !team.empty()) out.name = team;
  out.steps = teller.tell(teller.threadStart());
  last.locks = lockNames(program, moment.held);
  out.steps.push_back(std::move(last));
  return out;
}

WitnessStep accessStep(const Program& program, const AccessFact& fact) {
  WitnessStep step;
  step.kind = fact.frees ? WitnessStep::Kind::Free : fact.writes() ? WitnessStep::Kind::Write : WitnessStep::Kind::Read;
  step.point = program.point(fact.location);
  step.function = program.functionName(fact.function);
  std::string verb = fact.frees ? "frees " : fact.writes() ? "writes " : "reads ";
  if (fact.kind == AccessKind::ReadWrite) verb = "reads and writes ";
  step.text = verb + quoted(nameOf(program, fact.path));
  if (fact.facts && !fact.facts->operation.empty()) step.text += " (" + fact.facts->operation + ")";
  return step;
}

Site accessSite(const Program& program, const AccessFact& fact) {
  return {fact.writes() ? Site::Kind::Write : Site::Kind::Read,
          program.point(fact.location),
          program.functionName(fact.function),
          {}};
}

WitnessStep acquireStep(const Program& program, const AcquireFact& fact) {
  WitnessStep step;
  step.kind = WitnessStep::Kind::Acquire;
  step.point = program.point(fact.location);
  step.function = program.functionName(fact.function);
  step.text = "waits for " + quoted(nameOf(program, fact.lock));
  return step;
}

std::vector<std::string> lockNames(const Program& program, LocksetId locks) {
  std::vector<std::string> names;
  for (const HeldLock& lock : program.tables().locksets[locks]) {
    if (isShown(program, lock)) names.push_back(nameOf(program, lock.lock));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string heldText(const Program& program, LocksetId locks) {
  std::vector<std::string> names;
  for (const HeldLock& lock : program.tables().locksets[locks]) {
    if (!isShown(program, lock)) continue;
    std::string name = quoted(nameOf(program, lock.lock));
    names.push_back(lock.hold == Hold::Shared ? "a shared hold of " + name : name);
  }
  std::sort(names.begin(), names.end());
  if (names.empty()) return "without a lock";
  std::string text = "under " + names.front();
  for (std::size_t i = 1; i < names.size(); ++i) text += (i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

}  // namespace deadheat
