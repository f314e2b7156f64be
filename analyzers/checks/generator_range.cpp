#include "analyzers/checks/generator_range.h"

#include <algorithm>
#include <set>

#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

llvm::StringRef lastName(const Function& function) {
  const llvm::StringRef name = function.name;
  const std::size_t at = name.rfind("operator");
  return at == llvm::StringRef::npos ? name.rsplit("::").second : name.substr(at);
}

/// What a call does to an iterator or generator.
enum class Doing : std::uint8_t {
  Nothing,
  Advances,
  Looks,     ///< At the value it stands at.
  Compares,  ///< Its result is true at the end.
  Differs,   ///< Its result is false at the end.
  Sets,
  Destroys,
};

Doing doingOf(const Function& callee) {
  const llvm::StringRef name = lastName(callee);
  if (callee.kind == Function::Kind::Constructor || name == "operator=") return Doing::Sets;
  if (callee.kind == Function::Kind::Destructor) return Doing::Destroys;
  if (name == "operator++") return Doing::Advances;
  if (name == "operator*" || name == "operator->") return Doing::Looks;
  if (name == "operator==") return Doing::Compares;
  return name == "operator!=" ? Doing::Differs : Doing::Nothing;
}

/// The iterators and generators in the locals of one function.
class IteratorUses {
 public:
  IteratorUses(const Program& program, const FunctionView& view, const std::set<std::string>& iterators)
      : program_(program), paths_(program.tables().paths), view_(view), iterators_(iterators) {}

  void find(std::string_view check, std::vector<Finding>& findings) {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) lookAtTest(b, check, findings);
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b)
      for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) lookAtEnd(b, s, check, findings);
  }

 private:
  /// The local that a call is made on.
  PathId objectOf(const StepView& step) const {
    if (!std::holds_alternative<Call>(*step.step->what)) return PathId::Unknown;
    const CallSite& call = view_.body->calls[step.step->call];
    if (!call.receiver || call.receiver->kind != Value::Kind::AddressOf) return PathId::Unknown;
    return isLocal(call.receiver->path) ? call.receiver->path : PathId::Unknown;
  }

  bool isLocal(PathId path) const {
    return path != PathId::Unknown && paths_.isRoot(path) && paths_.storage(path) == Storage::Local;
  }

  const Function* calleeOf(const StepView& step) const {
    return step.targets.size() == 1 ? &program_.function(step.targets[0]) : nullptr;
  }

  /// The iterator that the call compares with the end.
  PathId comparedBy(const StepView& step) const {
    const Function* callee = calleeOf(step);
    if (!callee || !std::holds_alternative<Call>(*step.step->what)) return PathId::Unknown;
    const CallSite& call = view_.body->calls[step.step->call];
    if (iterators_.contains(callee->record)) return objectOf(step);
    // A friend of the class: the iterator is its first argument.
    for (const LinkedValue& argument : call.arguments)
      if (argument.kind == Value::Kind::AddressOf && isLocal(argument.path) && known_.contains(argument.path))
        return argument.path;
    return PathId::Unknown;
  }

  /// A block that tests whether an iterator is at the end: what is used on that side of it without being set anew.
  void lookAtTest(std::uint32_t block, std::string_view check, std::vector<Finding>& findings) {
    const StepBlock& graph = view_.body->blocks[block];
    if (graph.branch == StepBlock::kNoBranch || graph.successors.size() < 2) return;
    const LinkedBranch& branch = view_.body->branches[graph.branch];
    if (branch.outcome == PathId::Unknown || !branch.what) return;
    for (const StepView& step : view_.blocks[block].steps) {
      const Function* callee = calleeOf(step);
      noteIterator(step, callee);
      if (!callee || step.step->call == Step::kNoCall) continue;
      const Doing doing = doingOf(*callee);
      if (doing != Doing::Compares && doing != Doing::Differs) continue;
      if (view_.body->calls[step.step->call].result != branch.outcome) continue;
      const PathId iterator = comparedBy(step);
      if (iterator == PathId::Unknown) continue;
      const bool endIsTrue = (doing == Doing::Compares) != branch.what->outcomeNegated;
      if (const StepView* used = usedAfter(graph.successors[endIsTrue ? 0 : 1], 0, iterator))
        report(iterator, step, *used, "it was found at the end", "compares it with the end", check, findings);
    }
  }

  void noteIterator(const StepView& step, const Function* callee) {
    const PathId object = objectOf(step);
    if (callee && object != PathId::Unknown && iterators_.contains(callee->record)) known_.insert(object);
  }

  /// The generator at `step` is destroyed: its iterators that are used later.
  void lookAtEnd(std::uint32_t block, std::uint32_t number, std::string_view check, std::vector<Finding>& findings) {
    const StepView& step = view_.blocks[block].steps[number];
    const Function* callee = calleeOf(step);
    const PathId generator = objectOf(step);
    if (!callee || generator == PathId::Unknown || doingOf(*callee) != Doing::Destroys) return;
    for (PathId iterator : iteratorsOf(generator))
      if (const StepView* used = usedAfter(block, number + 1, iterator))
        report(iterator, step, *used, "the generator was destroyed", "destroys the generator", check, findings);
  }

  /// Locals that take what a `begin()` of the generator gives back.
  std::vector<PathId> iteratorsOf(PathId generator) const {
    std::vector<PathId> out;
    std::set<PathId> results;
    for (const BlockView& block : view_.blocks) {
      for (const StepView& step : block.steps) {
        const Function* callee = calleeOf(step);
        if (callee && objectOf(step) == generator && lastName(*callee) == "begin")
          results.insert(view_.body->calls[step.step->call].result);
      }
    }
    for (const BlockView& block : view_.blocks)
      for (const StepView& step : block.steps)
        if (std::holds_alternative<Assign>(*step.step->what) && isLocal(step.step->path) &&
            results.contains(step.step->value.path) && step.step->value.path != PathId::Unknown)
          out.push_back(step.step->path);
    return out;
  }

  /// The first step from there on that advances or looks through `iterator`, on a way on which nothing sets it.
  const StepView* usedAfter(std::uint32_t block, std::uint32_t step, PathId iterator) const {
    std::vector<bool> seen(view_.blocks.size(), false);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> left{{block, step}};
    while (!left.empty()) {
      auto [b, s] = left.back();
      left.pop_back();
      bool goesOn = view_.blocks[b].reached;
      for (; goesOn && s < view_.blocks[b].steps.size(); ++s) {
        const StepView& at = view_.blocks[b].steps[s];
        if (at.step->path == iterator && std::holds_alternative<Assign>(*at.step->what)) goesOn = false;
        const Function* callee = calleeOf(at);
        if (!goesOn || !callee || objectOf(at) != iterator) continue;
        const Doing doing = doingOf(*callee);
        if (doing == Doing::Advances || doing == Doing::Looks) return &at;
        goesOn = doing != Doing::Sets && doing != Doing::Destroys;
      }
      for (std::uint32_t next : goesOn ? view_.body->blocks[b].successors : std::vector<std::uint32_t>()) {
        if (!seen[next]) left.emplace_back(next, 0);
        seen[next] = true;
      }
    }
    return nullptr;
  }

  void report(PathId iterator, const StepView& earlier, const StepView& used, const std::string& since,
              const std::string& before, std::string_view check, std::vector<Finding>& findings) {
    if (!reported_.insert({iterator, used.step->location}).second) return;
    const std::string name = nameOf(program_, iterator), function = program_.functionName(view_.function);
    const bool advances = doingOf(*calleeOf(used)) == Doing::Advances;
    const std::string act = advances ? "advances" : "looks through";
    Finding out = findingAt(program_, check, momentAt(view_, used), name, act + " the iterator");
    out.message = quoted(function) + " " + act + " the iterator " + quoted(name) + " of a generator after " + since;
    auto& steps = out.witness.front().steps;
    steps.insert(steps.end() - 1,
                 {WitnessStep::Kind::Call, program_.point(earlier.step->location), function, before, {}, 0});
    out.fixHint = "Stop where the generator ends, and keep it as long as its iterators.";
    rate(out, Confidence::High, "nothing sets the iterator in between");
    findings.push_back(std::move(out));
  }

  const Program& program_;
  const PathTable& paths_;
  const FunctionView& view_;
  const std::set<std::string>& iterators_;
  std::set<PathId> known_;  ///< Locals that are such iterators.
  std::set<std::pair<PathId, Location>> reported_;
};

/// The classes whose `operator++` resumes a coroutine.
std::set<std::string> generatorIterators(const Program& program) {
  std::set<std::string> out;
  const auto& functions = program.bodies().functions;
  for (std::uint32_t f = 0; f < functions.size(); ++f) {
    const Function& function = *functions[f].facts;
    if (function.record.empty() || lastName(function) != "operator++") continue;
    const bool resumes = program.anyOperation(static_cast<FunctionIndex>(f), {OperationFact::Kind::Resume},
                                              [](const OperationFact&) { return true; });
    if (resumes) out.insert(function.record);
  }
  return out;
}

}  // namespace

void findPastRange(const Program& program, std::string_view check, std::vector<Finding>& findings) {
  const std::set<std::string> iterators = generatorIterators(program);
  if (iterators.empty()) return;
  const auto& functions = program.bodies().functions;
  auto usesOne = [&](const CallSite& call) {
    return std::ranges::any_of(
        call.targets, [&](FunctionIndex target) { return iterators.contains(program.function(target).record); });
  };
  for (std::uint32_t f = 0; f < functions.size(); ++f) {
    if (!std::ranges::any_of(functions[f].calls, usesOne)) continue;
    const FunctionView view = program.view(static_cast<FunctionIndex>(f));
    IteratorUses(program, view, iterators).find(check, findings);
  }
}

}  // namespace deadheat
