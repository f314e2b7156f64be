// unjoined-thread: a thread object ends while its thread can still be joined, or is joined or detached twice.
#include <algorithm>

#include "analyzers/checks/check.h"
#include "analyzers/checks/handle_fields.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/thread_lives.h"
#include "analyzers/link/executor_turns.h"
#include "analyzers/checks/view_queries.h"
#include "analyzers/link/handles.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr std::string_view kShownBy[] = {"assertion"};

constexpr CheckInfo kInfo = {
    .id = "unjoined-thread",
    .title = "A thread object is destroyed or reused before its thread was joined, or joined twice",
    .reason =
        R"(When a std::thread that still stands for a thread is destroyed or assigned to, the program is terminated: nobody
said whether to wait. It happens on an early return between start and join, in a class whose destructor forgets its thread,
and when an object is started a second time.

Joining or detaching a second time throws (std::thread), or is undefined (pthreads, C11: the thread's number may belong to
another thread by then).)",
    .example = R"(bool load(const Path& path) {
  std::thread progress(showProgress);
  if (!exists(path)) return false;  // progress is destroyed while it runs: std::terminate
  read(path);
  done = true;
  progress.join();
  return true;
})",
    .fix =
        R"(Join on every way out. A std::jthread joins by itself when it ends:

  std::jthread progress(showProgress);

In a class, tell the thread to stop and join it in the destructor. Use joinable() where a thread may not have been
started.)",
    .cwe = "CWE-772",
    .shownBy = kShownBy,
};

bool concernsThreads(const Body& body) {
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps)
      if (std::holds_alternative<Abandon>(*step.what) || std::holds_alternative<Detach>(*step.what) ||
          std::holds_alternative<Join>(*step.what))
        return true;
  }
  return false;
}

/// One function.
class Look {
 public:
  Look(const Program& program, FunctionIndex function, const HandleFields& fields, std::vector<Finding>& findings)
      : program_(program),
        paths_(program.tables().paths),
        fields_(fields),
        view_(program.view(function)),
        started_(startedBefore()),
        lives_(program, view_, started_),
        findings_(findings) {}

  void look() {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) {
        const StepView& step = view_.blocks[b].steps[s];
        if (step.path == PathId::Unknown || isLoop(program_.tables(), step.path)) continue;
        const auto* abandon = std::get_if<Abandon>(step.step->what);
        if (abandon && abandon->how != Abandon::How::Empty) lookAtEnd({b, s}, step, abandon->how);
        const auto* join = std::get_if<Join>(step.step->what);
        if ((join && join->by == Join::By::Call && !join->ofResult) || std::holds_alternative<Detach>(*step.step->what))
          lookAtSecond({b, s}, step);
      }
    }
  }

 private:
  /// A destructor finds the threads of its object running, if any method starts one.
  std::vector<PathId> startedBefore() const {
    std::vector<PathId> handles;
    if (program_.function(view_.function).kind != Function::Kind::Destructor) return handles;
    for (const BlockView& block : view_.blocks) {
      for (const StepView& step : block.steps) {
        const bool ends = std::holds_alternative<Abandon>(*step.step->what) && step.path != PathId::Unknown;
        const FieldName field = ends ? paths_.lastField(step.path) : FieldName{};
        if (ends && paths_.storage(step.path) == Storage::This && field != FieldName{} && fields_.started.contains(field))
          handles.push_back(step.path);
      }
    }
    return handles;
  }

  Finding make(const StepView& step, const std::string& does) const {
    return findingAt(program_, kInfo.id, momentAt(view_, step), nameOf(program_, step.path), does);
  }
  void addStart(Finding& out, const StepView& step) const {
    const ThreadFact* thread = lives_.startOf(step.path);
    if (!thread) return;
    auto& steps = out.witness.front().steps;
    steps.insert(steps.begin(), {WitnessStep::Kind::Spawn, program_.point(thread->location),
                                 program_.functionName(thread->spawner),
                                 "starts " + quoted(program_.functionName(thread->entry)), {}, 0});
  }

  void lookAtEnd(StepPlace place, const StepView& step, Abandon::How how) {
    const Life life = lives_.of(step.path, place);
    if (!(life & kRunning) || (life & kUnknown)) return;
    const bool destroyed = how == Abandon::How::Destroyed;
    const std::string handle = nameOf(program_, step.path);
    const bool isTemporary = handle.starts_with("$");
    Finding out = make(step, destroyed ? "ends the life of " + quoted(handle) : "assigns to " + quoted(handle));
    addStart(out, step);
    const std::string object = isTemporary ? "the thread object that it makes" : quoted(handle);
    out.message = quoted(program_.functionName(view_.function)) + (destroyed ? " destroys " : " assigns to ") + object +
                  " while its thread can still be joined: the program is terminated";
    out.fixHint = "Join or detach the thread first, on every way, or use std::jthread.";
    if (isTemporary) {
      const ThreadFact* thread = lives_.startOf(step.path);
      out.subjects = {thread ? program_.functionName(thread->entry) : program_.functionName(view_.function)};
      if (thread) out.location = program_.point(thread->location);
    }
    rateEnd(out, step, life);
    findings_.push_back(std::move(out));
  }

  void rateEnd(Finding& out, const StepView& step, Life life) const {
    const bool isMember = paths_.storage(step.path) == Storage::This;
    if (isMember && !lives_.startOf(step.path)) {
      const bool endedElsewhere = fields_.ended.contains(paths_.lastField(step.path));
      if (endedElsewhere)
        rate(out, Confidence::Low, "another function ends the thread and may always be called before");
      else if (life != kRunning)
        rate(out, Confidence::Low, "the thread may not have been started, or have been ended on the way");
      else
        rate(out, Confidence::High, "the thread is started and nothing in the program joins or detaches it");
    } else if (life != kRunning && paths_.passes(step.path, PathNode::Kind::Element)) {
      rate(out, Confidence::Low, "which elements have been joined is not known");
    } else if (life == kRunning) {
      rate(out, Confidence::High, "the thread was started and nothing on the way joins or detaches it");
    } else {
      rate(out, Confidence::Medium, "on some of the ways that lead here it is neither joined nor detached");
    }
  }

  /// Whether the way there says that the thread may still be there: a handler of what may have failed to end it, or the
  /// side of a test on which the handle stands for a thread.
  bool mayStillRun(StepPlace place, PathId handle) const {
    const Body& body = *view_.body;
    for (std::uint32_t b = 0; b < body.blocks.size(); ++b) {
      const StepBlock& block = body.blocks[b];
      if (block.unwinds && b != place.block && !reachableFrom(body, 0, b)[place.block]) return true;
      if (block.successors.size() != 2 || !isDecidedBy(body, b, place.block)) continue;
      for (std::uint32_t next : block.successors)
        for (const StepView& step : view_.blocks[next].steps) {
          const auto* tested = std::get_if<Abandon>(step.step->what);
          if (tested && tested->how == Abandon::How::Empty && step.path == handle) return true;
        }
    }
    return false;
  }

  void lookAtSecond(StepPlace place, const StepView& step) {
    const Life life = lives_.of(step.path, place);
    if ((life & ~(kJoined | kDetached)) != 0 || life == 0 || mayStillRun(place, step.path)) return;
    const bool joins = std::holds_alternative<Join>(*step.step->what);
    const std::string handle = nameOf(program_, step.path);
    Finding out = make(step, (joins ? "joins " : "detaches ") + quoted(handle) + " again");
    addStart(out, step);
    out.message = quoted(program_.functionName(view_.function)) + (joins ? " joins " : " detaches ") + quoted(handle) +
                  ", which it has already " + (life == kDetached ? "detached" : "joined");
    out.fixHint = "Join or detach each thread exactly once.";
    const bool isElement = paths_.passes(step.path, PathNode::Kind::Element);
    if (isElement)
      rate(out, Confidence::Low, "which element is meant is not known");
    else if (Ways(view_).canAvoid(place.block))
      rate(out, Confidence::Medium, "a condition leads here, which may ask whether the thread has been ended");
    else
      rate(out, Confidence::High, "every way here has ended the thread before");
    findings_.push_back(std::move(out));
  }

  const Program& program_;
  const PathTable& paths_;
  const HandleFields& fields_;
  const FunctionView view_;
  const std::vector<PathId> started_;
  const ThreadLives lives_;
  std::vector<Finding>& findings_;
};

std::vector<Finding> run(const Program& program) {
  HandleFields fields;
  for (const Body& body : program.bodies().functions) fields.gather(program.tables().paths, body);
  std::vector<Finding> findings;
  const Bodies& bodies = program.bodies();
  for (std::uint32_t f = 0; f < bodies.functions.size(); ++f) {
    if (concernsThreads(bodies.functions[f])) Look(program, static_cast<FunctionIndex>(f), fields, findings).look();
  }
  return findings;
}

}  // namespace

extern const Check kUnjoinedThread;
const Check kUnjoinedThread = {.info = kInfo, .run = run};

}  // namespace deadheat
