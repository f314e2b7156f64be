// tls-across-suspend: a thread's own variable, or its address, is carried over a suspension after which another thread may
// run the coroutine.
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/suspensions.h"

namespace deadheat {
namespace {

constexpr CheckInfo kInfo = {
    .id = "tls-across-suspend",
    .title = "A coroutine goes on with the thread_local variable of the thread it ran on before",
    .reason =
        R"(A coroutine or fiber that is suspended may be resumed on another thread. A pointer or reference to a thread_local variable
that it took before then leads to the variable of the first thread, which that thread uses at the same time, or which is
gone with it. And what it stored in such a variable before is not there after: the same name means another variable.

Compilers make it worse: they may compute the address of a thread_local variable once for a whole function.)",
    .example = R"(thread_local Buffer scratch;

Task handle(Request request) {
  Buffer& buffer = scratch;
  buffer.assign(request.text);
  co_await pool.schedule();      // goes on on another thread
  send(buffer);                  // the first thread's buffer, which it is filling for the next request
})",
    .fix =
        R"(Keep in the coroutine's frame what belongs to the task, and use thread_local variables only between two suspensions,
by their name and not by a reference from before:

  Buffer buffer = request.text;
  co_await pool.schedule();
  send(buffer);)",
    .cwe = "CWE-362",
    .ofTasks = true,
};

class Finder {
 public:
  Finder(const Program& program, const FunctionView& view)
      : program_(program), paths_(program.tables().paths), view_(view), suspensions_(program, view) {}

  void find(std::vector<Finding>& findings) {
    if (suspensions_.empty()) return;
    eachStep([&](StepPlace at, const StepView& step) { note(at, step); });
    eachStep([&](StepPlace at, const StepView& step) {
      lookAtPointer(at, step, findings);
      lookAtState(at, step, findings);
    });
  }

 private:
  struct Taken {
    StepPlace at;
    PathId variable;  ///< The thread's own.
  };

  template <typename Visit>
  void eachStep(Visit visit) const {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b)
      for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) visit(StepPlace{b, s}, view_.blocks[b].steps[s]);
  }

  bool isThreadsOwn(PathId path) const { return path != PathId::Unknown && paths_.storage(path) == Storage::ThreadLocal; }

  /// The thread's own variable a path starts from, without what pointers stored in it lead to.
  PathId variableOf(PathId path) const { return paths_[path].root; }

  void note(StepPlace at, const StepView& step) {
    const EventKind& what = *step.step->what;
    if (std::holds_alternative<Assign>(what) && paths_.storage(step.step->path) == Storage::Local &&
        paths_.isRoot(step.step->path)) {
      if (step.value.kind == Value::Kind::AddressOf && isThreadsOwn(step.value.path) &&
          !paths_.passes(step.value.path, PathNode::Kind::Deref))
        pointers_[step.step->path].push_back({at, variableOf(step.value.path)});
    }
    const auto* access = std::get_if<Access>(&what);
    if (access && access->kind != AccessKind::Read && isThreadsOwn(step.path) &&
        !paths_.passes(step.path, PathNode::Kind::Deref) && step.step->path == step.path)
      writes_.push_back({at, step.path});
  }

  void lookAtPointer(StepPlace at, const StepView& step, std::vector<Finding>& findings) {
    for (PathId used : {step.step->path, step.step->value.path}) {
      if (used == PathId::Unknown || paths_.storage(used) != Storage::Local) continue;
      const bool follows = paths_.passes(used, PathNode::Kind::Deref) || used == step.step->value.path;
      auto found = pointers_.find(paths_[used].root);
      if (!follows || found == pointers_.end()) continue;
      for (const Taken& taken : found->second)
        if (const Suspension* over = suspensions_.between(taken.at, at)) return report(taken, *over, step, true, findings);
    }
  }

  void lookAtState(StepPlace at, const StepView& step, std::vector<Finding>& findings) {
    const auto* access = std::get_if<Access>(step.step->what);
    if (!access || access->kind == AccessKind::Write || !isThreadsOwn(step.path) || step.step->path != step.path) return;
    for (const Taken& taken : writes_)
      if (taken.variable == step.path)
        if (const Suspension* over = suspensions_.between(taken.at, at)) return report(taken, *over, step, false, findings);
  }

  void report(const Taken& taken, const Suspension& over, const StepView& use, bool byAddress,
              std::vector<Finding>& findings) {
    const Resumption resumes = over.resumes;
    if (resumes == Resumption::SameThread || !reported_.insert(variableOf(taken.variable)).second) return;
    const std::string name = nameOf(program_, taken.variable), text = suspensionText(*over.what);
    const StepView& first = view_.blocks[taken.at.block].steps[taken.at.step];
    Finding out = findingAt(program_, kInfo.id, momentAt(view_, use), name,
                            byAddress ? "uses it by the address from before" : "expects to find it as it was");
    out.message = quoted(program_.functionName(view_.function)) +
                  (byAddress ? " goes on after " + text + " with the address of " + quoted(name) + " that it took before"
                             : " sets " + quoted(name) + " before " + text + " and uses it after") +
                  ": each thread has one of its own, and another thread may have resumed it";
    const std::string function = program_.functionName(view_.function);
    auto& steps = out.witness.front().steps;
    steps.insert(steps.end() - 1, {{WitnessStep::Kind::Other, program_.point(first.step->location), function,
                                    (byAddress ? "takes the address of " : "sets ") + quoted(name), {}, 0},
                                   {WitnessStep::Kind::Wait, program_.point(over.step->step->location), function,
                                    "is suspended by " + text, {}, 0}});
    if (byAddress) out.sites = {{Site::Kind::ThreadsOwn, out.location, function, {}}};
    out.fixHint = "Keep what belongs to the task in its frame, and name the variable again after each suspension.";
    if (resumes == Resumption::Anywhere)
      rate(out, Confidence::High, "it goes on on any of several threads");
    else if (byAddress)
      rate(out, Confidence::Medium, "which thread resumes it is not known");
    else
      rate(out, Confidence::Low, "which thread resumes it is not known");
    findings.push_back(std::move(out));
  }

  const Program& program_;
  const PathTable& paths_;
  const FunctionView& view_;
  const Suspensions suspensions_;
  std::map<PathId, std::vector<Taken>> pointers_;
  std::vector<Taken> writes_;
  std::set<PathId> reported_;
};

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  Finder(program, view).find(findings);
}

}  // namespace

extern const Check kTlsAcrossSuspend;
const Check kTlsAcrossSuspend = {.info = kInfo, .inspect = inspect};

}  // namespace deadheat
