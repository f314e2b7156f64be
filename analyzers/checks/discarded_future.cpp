// discarded-future: the result of std::async is dropped, so that starting the task waits for its end.
#include <algorithm>

#include "analyzers/checks/check.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/link/handles.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr CheckInfo kInfo = {
    .id = "discarded-future",
    .title = "The future of an asynchronous task is dropped at once, which waits for the task",
    .reason =
        R"(A future that std::async returns waits for its task when it is destroyed. If nobody keeps it, it is destroyed at the
end of the same statement: the call that was to run in the background runs in the foreground, one task after the other.
With a lock held, or in an event loop, that can be a deadlock. What the task throws is lost, too.

Assigning the next task to the same future waits for the last one in the same way.)",
    .example = R"(void onRequest(Request r) {
  std::async(std::launch::async, [r] { writeAuditLog(r); });  // waits until it is written
  answer(r);
})",
    .fix =
        R"(Keep the future for as long as the task may run, and get() it:

  pending.push_back(std::async(std::launch::async, [r] { writeAuditLog(r); }));

or give the task to a thread pool or thread of its own that somebody joins.)",
    .cwe = "CWE-252",
};

/// The asynchronous thread that `handle` stands for and that may still be running, or null.
const ThreadFact* runningTask(const Program& program, const FunctionView& view, const StepView& step) {
  for (std::size_t t = 0; t < view.threads.size(); ++t) {
    const ThreadFact& thread = view.threads[t];
    if (!(step.live & threadBit(static_cast<ThreadNumber>(t)))) continue;
    if (!thread.facts || thread.facts->where != SpawnWhere::Async) continue;
    for (PathId handle : thread.handles) {
      if (sameHandle(program.tables().paths, handle, step.path)) return &thread;
    }
  }
  return nullptr;
}

/// A temporary, which nothing but its own statement can use.
bool isTemporary(const Program& program, PathId path) {
  const PathTable& paths = program.tables().paths;
  if (path == PathId::Unknown || !paths.isRoot(path)) return false;
  if (paths.storage(path) == Storage::Result) return true;
  return paths.storage(path) == Storage::Local && program.tables().symbols.text(paths[path].name).starts_with("$");
}

void report(const Program& program, const FunctionView& view, const StepView& step, const ThreadFact& task,
            std::vector<Finding>& findings) {
  const std::string entry = program.functionName(task.entry);
  Moment moment = momentAt(view, step);
  const bool isHere = task.spawner == view.function;
  if (isHere && isTemporary(program, step.path)) moment.location = task.location;
  Finding out = findingAt(program, kInfo.id, moment, entry, "waits for the end of " + quoted(entry));
  out.witness.front().steps.insert(
      out.witness.front().steps.begin(),
      {WitnessStep::Kind::Spawn, program.point(task.location), program.functionName(task.spawner),
       "starts " + quoted(entry) + " by " + task.facts->how, {}, 0});
  if (isTemporary(program, step.path)) {
    out.message = quoted(program.functionName(view.function)) + " drops the future of " + quoted(entry) +
                  " at once and so waits for its end before it goes on";
    rate(out, Confidence::High, "the future is a temporary that nobody keeps");
  } else {
    out.message = quoted(program.functionName(view.function)) + " starts the next task into the future of " +
                  quoted(entry) + " and so waits for the last one first";
    rate(out, Confidence::Medium, "waiting for the last task may be meant");
  }
  out.fixHint = "Keep the future until the task's end is wanted.";
  findings.push_back(std::move(out));
}

/// The end of a scope that does not belong to a loop is a fine place to wait; being assigned over is not.
bool isOverwritten(const BlockView& block, std::size_t at) {
  if (at + 1 >= block.steps.size()) return false;
  const StepView& next = block.steps[at + 1];
  return std::holds_alternative<Assign>(*next.step->what) && next.path == block.steps[at].path;
}

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  for (const BlockView& block : view.blocks) {
    for (std::size_t i = 0; i < block.steps.size(); ++i) {
      const StepView& step = block.steps[i];
      const auto* join = std::get_if<Join>(step.step->what);
      if (!join || join->by != Join::By::End) continue;
      if (!isTemporary(program, step.path) && !isOverwritten(block, i)) continue;
      if (const ThreadFact* task = runningTask(program, view, step)) report(program, view, step, *task, findings);
    }
  }
}

}  // namespace

extern const Check kDiscardedFuture;
const Check kDiscardedFuture = {.info = kInfo, .inspect = inspect};

}  // namespace deadheat
