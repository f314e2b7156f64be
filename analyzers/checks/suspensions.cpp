#include "analyzers/checks/suspensions.h"

#include <algorithm>

#include "analyzers/checks/witness.h"

namespace deadheat {

namespace {

/// Whether the call hands the coroutine to an awaiter that starts a thread, to be resumed by it.
bool startsResumer(const Program& program, const StepView& call) {
  return std::ranges::any_of(call.targets, [&](FunctionIndex target) {
    const std::vector<ThreadFact>& threads = program.summary(target).threads;
    return program.function(target).name.ends_with("::await_suspend") &&
           std::ranges::any_of(threads, [](const ThreadFact& thread) { return !thread.interleaves(); });
  });
}

}  // namespace

Suspensions::Suspensions(const Program& program, const FunctionView& view) : view_(view) {
  for (std::uint32_t b = 0; b < view.blocks.size(); ++b) {
    bool starts = false;
    for (std::uint32_t s = 0; s < view.blocks[b].steps.size(); ++s) {
      const StepView& step = view.blocks[b].steps[s];
      if (step.step->call != Step::kNoCall) starts = startsResumer(program, step);
      const auto* what = std::get_if<Suspend>(step.step->what);
      if (!what || what->kind == Suspend::Kind::Initial || what->kind == Suspend::Kind::Final) continue;
      const bool isUnknown = what->resumes == Resumption::Unknown;
      all_.push_back({{b, s}, &step, what, isUnknown && starts ? Resumption::Anywhere : what->resumes});
    }
  }
}

/// Whether control can get from the end of `from` to `to` without passing `except`, a step.
bool Suspensions::leads(StepPlace from, StepPlace to, StepPlace except) const {
  auto passes = [&](std::uint32_t block, std::uint32_t first, std::uint32_t last) {
    return except.block == block && except.step >= first && except.step < last;
  };
  if (from.block == to.block && from.step < to.step && !passes(from.block, from.step + 1, to.step)) return true;
  constexpr std::uint32_t kEnd = 0xffffffff;
  if (passes(from.block, from.step + 1, kEnd)) return false;
  std::vector<bool> seen(view_.body->blocks.size());
  std::vector<std::uint32_t> todo{from.block};
  while (!todo.empty()) {
    const std::uint32_t block = todo.back();
    todo.pop_back();
    for (std::uint32_t next : view_.body->blocks[block].successors) {
      if (seen[next]) continue;
      seen[next] = true;
      if (next == to.block && !passes(next, 0, to.step)) return true;
      if (!passes(next, 0, kEnd)) todo.push_back(next);
    }
  }
  return false;
}

const Suspension* Suspensions::between(StepPlace earlier, StepPlace later) const {
  for (const Suspension& each : all_)
    if (leads(earlier, each.place, earlier) && leads(each.place, later, earlier)) return &each;
  return nullptr;
}

const Suspension* Suspensions::before(StepPlace place) const {
  const Ways ways(view_);
  for (const Suspension& each : all_)
    if (ways.follows(each.place, place)) return &each;
  return nullptr;
}

std::string suspensionText(const Suspend& suspend) {
  return suspend.kind == Suspend::Kind::Switch ? "the switch of fibers in " + quoted(suspend.what) : suspend.what;
}

}  // namespace deadheat
