// unguarded-escape: a function hands out a reference to what its lock guards, and gives the lock back.
#include <algorithm>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/protection.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

constexpr std::string_view kId = "unguarded-escape";

bool isOfObject(const PathTable& paths, PathId path) {
  const Storage storage = paths.storage(path);
  return path != PathId::Unknown && !paths.isRoot(path) && !paths.passes(path, PathNode::Kind::Deref) &&
         (storage == Storage::This || storage == Storage::Global);
}

/// The variable that `path` is, or is an element of.
PathId wholeOf(const PathTable& paths, PathId path) {
  for (PathId prefix : paths.prefixes(path)) {
    if (paths[prefix].kind == PathNode::Kind::Element) return paths[prefix].parent;
  }
  return path;
}

/// A write of the same variable, in another function, that holds the same lock.
const AccessFact* guardedWrite(const Program& program, FunctionIndex self, PathId whole, PathId lock) {
  const Tables& tables = program.tables();
  for (const Scope& scope : program.scopes()) {
    for (const SharedAccess& access : scope.accesses) {
      const AccessFact& fact = access.fact;
      if (!fact.writes() || fact.function == self || fact.atomicity == Atomicity::Atomic) continue;
      if (program.field(fact.path) != program.field(whole) || !program.field(whole)) continue;
      for (const HeldLock& held : tables.locksets[fact.held]) {
        if (held.hold != Hold::Passed && program.field(held.lock) == program.field(lock)) return &fact;
      }
    }
  }
  return nullptr;
}

/// What one return statement hands out.
struct Escapee {
  const StepView* step = nullptr;
  PathId whole = PathId::Unknown;
  PathId lock = PathId::Unknown;
};

/// Returns of references into guarded memory, with the lock held there and not after.
std::vector<Escapee> escapees(const Program& program, const FunctionView& view) {
  const Tables& tables = program.tables();
  std::vector<Escapee> found;
  for (const BlockView& block : view.blocks) {
    for (const StepView& step : block.steps) {
      if (!std::holds_alternative<Return>(*step.step->what) || step.value.kind != Value::Kind::AddressOf) continue;
      if (!isOfObject(tables.paths, step.value.path) || !isData(program, step.value.path)) continue;
      // What an element points to is handed over with the pointer; it is no part of the container.
      const PathNode& last = tables.paths[step.value.path];
      if (last.kind == PathNode::Kind::Deref && tables.paths[last.parent].kind == PathNode::Kind::Element) continue;
      const Record::Field* field = program.field(step.value.path);
      if (!field || field->kind == Record::Field::Kind::Atomic) continue;
      for (const HeldLock& held : tables.locksets[step.held]) {
        const bool given = held.hold != Hold::Passed && !held.once && isOfObject(tables.paths, held.lock) &&
                           !tables.locksets.find(program.summary(view.function).heldAtExit, held.lock);
        if (given) found.push_back({&step, wholeOf(tables.paths, step.value.path), held.lock});
      }
    }
  }
  return found;
}

std::string headline(const Program& program, FunctionIndex f, PathId whole, PathId lock) {
  return quoted(program.functionName(f)) + " hands out a reference to " + quoted(nameOf(program, whole)) +
         ", which outlives its hold of " + quoted(nameOf(program, lock));
}

constexpr const char* kFix =
    "Return a copy made under the lock, or take a function that is called with the data while the lock is held.";

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  std::set<PathId> reported;
  for (const Escapee& escapee : escapees(program, view)) {
    if (!reported.insert(escapee.whole).second) continue;
    const AccessFact* write = guardedWrite(program, view.function, escapee.whole, escapee.lock);
    if (!write) continue;
    const bool element = escapee.whole != escapee.step->value.path;
    const std::string function = program.functionName(view.function);
    Finding out;
    out.check = kId;
    out.message = headline(program, view.function, escapee.whole, escapee.lock) + ", while " +
                  quoted(program.functionName(write->function)) + " changes it";
    out.location = program.point(escapee.step->step->location);
    out.confidence = element ? Confidence::Medium : Confidence::High;
    out.confidenceReason = element ? "the element may be safe by itself, and stay where it is"
                                   : "the variable is changed under the lock that the reference leaves behind";
    out.subjects = {nameOf(program, escapee.whole)};
    out.functions = {function};
    out.witness = {{"any thread calling " + quoted(function),
                    {{WitnessStep::Kind::Other, out.location, function,
                      "hands out " + quoted(out.subjects[0]), lockNames(program, escapee.step->held), 0}}},
                   witnessThread(program, nullptr, 0, *write, accessStep(program, *write))};
    out.fixHint = kFix;
    findings.push_back(std::move(out));
  }
}

/// Whether some function that `user` calls hands out the variable; its return is where the finding belongs.
bool recognise(const Program& program, const RacePair& pair, Finding& finding) {
  const PathTable& paths = program.tables().paths;
  for (const AccessFact* use : {&pair.a->fact, &pair.b->fact}) {
    if (use->held != LocksetId::Empty || use->function == FunctionIndex::None) continue;
    for (const CallSite& call : program.bodies()[use->function].calls) {
      if (call.spawn) continue;
      for (FunctionIndex target : call.targets) {
        if (!program.summary(target).hasAcquires()) continue;
        for (const Escapee& escapee : escapees(program, program.view(target))) {
          if (program.field(escapee.whole) != program.field(wholeOf(paths, use->path))) continue;
          finding.check = kId;
          finding.message = headline(program, target, escapee.whole, escapee.lock) + ": " + meetingText(program, pair);
          finding.location = program.point(escapee.step->step->location);
          finding.fixHint = kFix;
          return true;
        }
      }
    }
  }
  return false;
}

constexpr std::string_view kAbsorbed[] = {"data-race", "inconsistent-guard", "unguarded-escape"};

constexpr CheckInfo kInfo = {
    .id = kId,
    .title = "A reference to guarded data outlives the lock that guards it",
    .reason =
        R"(The function takes the lock, so it looks safe; but what it returns is a reference, pointer, iterator or view into
the guarded data, and the lock is given back as it returns. Whoever uses the reference reads while others write under
the lock, or follows an iterator into a container that has grown meanwhile.)",
    .example = R"(class Room {
 public:
  void say(std::string line) { std::lock_guard lock(mu_); lines_.push_back(std::move(line)); }
  const std::vector<std::string>& lines() const {
    std::lock_guard lock(mu_);
    return lines_;  // the caller reads it without mu_
  }

 private:
  mutable std::mutex mu_;
  std::vector<std::string> lines_;
};)",
    .fix =
        R"(Return a copy, which is made before the lock is given back:

  std::vector<std::string> lines() const { std::lock_guard lock(mu_); return lines_; }

Or bring the work to the data:

  template <typename F> void forEachLine(F f) const {
    std::lock_guard lock(mu_);
    for (const std::string& line : lines_) f(line);
  })",
    .cwe = "CWE-567",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kUnguardedEscape;
const Check kUnguardedEscape = {.info = kInfo, .inspect = inspect, .recognise = recognise};

}  // namespace deadheat
