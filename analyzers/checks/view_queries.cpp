#include "analyzers/checks/view_queries.h"

#include <algorithm>

namespace deadheat {
namespace {

/// Whether both are the same member, element or variable of something: what a macro makes stands at one place.
bool endAlike(const PathTable& paths, PathId a, PathId b) {
  if (a == PathId::Unknown || b == PathId::Unknown) return false;
  const PathNode& x = paths[a];
  const PathNode& y = paths[b];
  return x.kind == PathNode::Kind::Root || y.kind == PathNode::Kind::Root ||
         (x.kind == y.kind && x.name == y.name && x.record == y.record);
}

/// Whether a test of these asks for `path`, and for nothing that the thread may change by itself: a loop that counts up to
/// it ends without anybody's help.
bool isAwaited(const PathTable& paths, const std::vector<PathId>& tested, PathId path) {
  return std::ranges::count(tested, path) != 0 && std::ranges::none_of(tested, [&](PathId other) {
           return other != path && other != PathId::Unknown && paths.storage(other) == Storage::Local;
         });
}

}  // namespace

std::vector<bool> reachableFrom(const Body& body, std::uint32_t from, std::uint32_t except) {
  std::vector<bool> seen(body.blocks.size(), false);
  std::vector<std::uint32_t> work(body.blocks[from].successors);
  while (!work.empty()) {
    const std::uint32_t at = work.back();
    work.pop_back();
    if (seen[at] || at == except) continue;
    seen[at] = true;
    work.insert(work.end(), body.blocks[at].successors.begin(), body.blocks[at].successors.end());
  }
  return seen;
}

bool isInLoop(const Body& body, std::uint32_t block) { return reachableFrom(body, block)[block]; }

bool leavesLoop(const Body& body, std::uint32_t block) {
  const auto& next = body.blocks[block].successors;
  return std::any_of(next.begin(), next.end(),
                     [&](std::uint32_t to) { return to != block && !reachableFrom(body, to)[block]; });
}

bool turnsLoop(const Program& program, const AccessFact& read) {
  if (read.kind != AccessKind::Read || read.held != LocksetId::Empty) return false;
  const FunctionView view = program.view(read.function);
  for (std::uint32_t b = 0; b < view.blocks.size(); ++b) {
    const BlockView& block = view.blocks[b];
    if (!block.branch || !isInLoop(*view.body, b)) continue;
    for (const StepView& step : block.steps) {
      if (step.step->location == read.location && std::holds_alternative<Access>(*step.step->what) &&
          endAlike(program.tables().paths, step.path, read.path) &&
          isAwaited(program.tables().paths, block.branch->depends, step.path))
        return leavesLoop(*view.body, b);
    }
  }
  return false;
}

bool isDecidedBy(const Body& body, std::uint32_t from, std::uint32_t to) {
  const auto& next = body.blocks[from].successors;
  if (next.size() < 2) return false;
  auto leads = [&](std::uint32_t side) { return side == to || (side != from && reachableFrom(body, side, from)[to]); };
  return leads(next[0]) != leads(next[1]);
}

}  // namespace deadheat
