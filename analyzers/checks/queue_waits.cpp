#include "analyzers/checks/queue_waits.h"

#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/task_queues.h"

namespace deadheat {
namespace {

/// Tasks that wait for others that they put into the queue they came from.
class QueueReporter {
 public:
  QueueReporter(const Program& program, std::string_view check, std::vector<Finding>& findings)
      : program_(program), check_(check), findings_(findings) {}

  void add(const TaskQueue& queue) {
    for (const QueuedTask& task : queue.tasks) {
      seen_.clear();
      look(queue, task, task.body, 0);
    }
  }

 private:
  static constexpr int kMaxDepth = 4;

  void look(const TaskQueue& queue, const QueuedTask& task, FunctionIndex f, int depth) {
    if (!seen_.insert(f).second || queue.posters.contains(f)) return;
    const Body& body = program_.bodies()[f];
    bool posts = false;
    for (const CallSite& call : body.calls) {
      if (call.spawn || call.guessed) continue;
      for (FunctionIndex target : call.targets) {
        posts |= queue.posters.contains(target);
        if (depth < kMaxDepth) look(queue, task, target, depth + 1);
      }
    }
    if (posts) lookAtWaits(queue, task, program_.view(f));
  }

  /// Futures that a call put into the queue has given back, and the waits for them.
  void lookAtWaits(const TaskQueue& queue, const QueuedTask& task, const FunctionView& view) {
    std::map<PathId, const CallSite*> results;
    for (const BlockView& block : view.blocks) {
      for (const StepView& step : block.steps) {
        if (step.step->call == Step::kNoCall) continue;
        const CallSite& call = view.body->calls[step.step->call];
        const bool posts =
            std::ranges::any_of(step.targets, [&](FunctionIndex t) { return queue.posters.contains(t); });
        if (posts && !call.spawn && call.result != PathId::Unknown) results[call.result] = &call;
      }
    }
    for (const BlockView& block : view.blocks) {
      for (const StepView& step : block.steps) {
        const auto from = results.find(step.step->value.path);
        if (std::holds_alternative<Assign>(*step.step->what) && from != results.end())
          results[step.path] = from->second;
      }
    }
    for (const BlockView& block : view.blocks) {
      for (const StepView& step : block.steps) {
        const auto* join = std::get_if<Join>(step.step->what);
        if (!join || !join->ofResult || join->by != Join::By::Call) continue;
        auto found = results.find(step.path);
        if (found == results.end()) found = results.find(step.step->path);
        if (found != results.end()) report(queue, task, view, step, *found->second);
      }
    }
  }

  void report(const TaskQueue& queue, const QueuedTask& task, const FunctionView& view, const StepView& step,
              const CallSite& inner) {
    if (!told_.insert(step.step->location).second) return;
    std::string name = nameOf(program_, step.path);
    if (name.starts_with("$") || name.empty()) name = program_.functionName(inner.targets.front());
    const std::string runner = quoted(program_.functionName(queue.entry));
    Finding out = findingAt(program_, check_, momentAt(view, step), name, "waits for the result of another task");
    out.message = quoted(program_.functionName(view.function)) + " runs in " +
                  (queue.many ? "the pool of " : "the thread of ") + runner + " and waits for a task in its queue" +
                  (queue.many ? ": when all its threads do, none is left to run it" : ", which nobody else runs");
    auto& steps = out.witness.front().steps;
    steps.back().kind = WitnessStep::Kind::Wait;
    steps.insert(steps.begin(), {WitnessStep::Kind::Call,
                                 program_.point(task.location),
                                 program_.functionName(task.poster),
                                 "puts the waiting task into the queue",
                                 {},
                                 0});
    out.functions.push_back(program_.functionName(queue.entry));
    std::sort(out.functions.begin(), out.functions.end());
    out.functions.erase(std::unique(out.functions.begin(), out.functions.end()), out.functions.end());
    const bool isSame = !task.queue.empty() && task.queue == receiverName(program_, inner);
    if (!isSame)
      rate(out, Confidence::Low, "the queue may be that of another object");
    else if (queue.runsAtOnce)
      rate(out, Confidence::Low, "who puts a task in may run it at once instead");
    else if (queue.many)
      rate(out, Confidence::Medium, "it happens when as many tasks wait as the pool has threads");
    else
      rate(out, Confidence::High, "one thread runs both tasks, and the first ends only after the second");
    out.fixHint = "Do the work in the task itself, or put what is to be done with the result into a further task.";
    findings_.push_back(std::move(out));
  }

  const Program& program_;
  const std::string_view check_;
  std::vector<Finding>& findings_;
  std::set<FunctionIndex> seen_;
  std::set<Location> told_;
};

}  // namespace

void findQueueWaits(const Program& program, std::string_view check, std::vector<Finding>& findings) {
  QueueReporter queues(program, check, findings);
  for (const TaskQueue& queue : taskQueues(program)) queues.add(queue);
}

}  // namespace deadheat
