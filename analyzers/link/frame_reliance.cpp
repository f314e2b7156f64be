// What a function relies on: locks that it is given held, and what it has certainly waited for.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/link/frame.h"

namespace deadheat {
namespace {

bool acquires(const Access& access) {
  if (access.atomicity != Atomicity::Atomic || access.kind == AccessKind::Write) return false;
  return access.order != MemoryOrder::Relaxed && access.order != MemoryOrder::Release;
}

}  // namespace

/// The states, knowing what the function relies on: a lock that it gives back, and never takes, is held when it begins.
void Frame::settle() {
  solve();
  broughtIn_ = alwaysGivenBack();
  if (broughtIn_ != PathSetId::Empty) solve();
}

/// Some way through the function takes the lock, be it one that may fail.
bool Frame::mayTake(PathId lock) {
  for (std::uint32_t b : order_) {
    for (const Step& step : body_.blocks[b].steps) {
      if (std::holds_alternative<Acquire>(*step.what) && aliases_.environment.normalise(step.path) == lock) return true;
      if (step.call == Step::kNoCall) continue;
      for (Application& app : applications_[step.call])
        for (const LockOutcome& outcome : app.callee->lockOutcomes)
          if ((outcome.ways & LockOutcome::kTakes) && app.names->path(outcome.lock) == lock) return true;
    }
  }
  return false;
}

/// Locks of callers that the function itself gives back on every way out, and takes on none.
PathSetId Frame::alwaysGivenBack() {
  if (body_.blocks.empty() || entry_[body_.exit].empty()) return PathSetId::Empty;
  const FlowState end = mergedState(entry_[body_.exit], tables_);
  std::map<PathId, std::vector<bool>> givers;  // By lock: whether the block gives it back.
  for (std::uint32_t b : order_) {
    for (const Step& step : body_.blocks[b].steps) {
      if (!std::holds_alternative<Release>(*step.what)) continue;
      const PathId lock = aliases_.environment.normalise(step.path);
      if (!tables_.pathSets.contains(end.released, lock) || tables_.pathSets.contains(end.taken, lock)) continue;
      auto [blocks, fresh] = givers.try_emplace(lock, body_.blocks.size(), false);
      blocks->second[b] = true;
    }
  }
  PathSetId given = PathSetId::Empty;
  for (const auto& [lock, blocks] : givers)
    if (!tables_.locksets.find(end.held, lock) && !leadsAround(blocks) && !mayTake(lock)) given = tables_.pathSets.with(given, lock);
  return given;
}

/// Whether some way from entry to exit avoids all of `blocks`.
bool Frame::leadsAround(const std::vector<bool>& blocks) const {
  std::vector<bool> seen = blocks;
  std::vector<std::uint32_t> work;
  if (!seen[0]) work.push_back(0);
  while (!work.empty()) {
    const std::uint32_t b = work.back();
    work.pop_back();
    if (seen[b]) continue;
    if (b == body_.exit) return true;
    seen[b] = true;
    work.insert(work.end(), body_.blocks[b].successors.begin(), body_.blocks[b].successors.end());
  }
  return false;
}

/// What is written to a descriptor is read from it or from the other end: both ends of a pipe are of one array. Unknown
/// for what is no input or output.
PathId Frame::channelOf(const Step& step) {
  const auto* block = std::get_if<Block>(step.what);
  if (!block || (block->what != "input" && block->what != "output")) return PathId::Unknown;
  PathId at = aliases_.environment.normalise(step.path);
  while (at != PathId::Unknown && tables_.paths[at].kind == PathNode::Kind::Element) at = tables_.paths[at].parent;
  return at == PathId::Unknown ? at : tables_.paths.field(at, Symbol::Empty, tables_.symbols.intern("$io"));
}

bool Frame::isOutput(const Step& step) {
  const auto* block = std::get_if<Block>(step.what);
  return block && block->what == "output" && channelOf(step) != PathId::Unknown;
}

/// The state of a promise that the step waits for by a future.
PathId Frame::promisedBy(const Step& step) {
  const auto* join = std::get_if<Join>(step.what);
  if (!join || !join->ofResult || step.path == PathId::Unknown) return PathId::Unknown;
  return aliases_.environment.normalise(tables_.paths.deref(step.path));
}

/// The atomics that the step acquires, or the condition that it waits for, itself or through what it calls.
PathSetId Frame::acquiredBy(const Step& step) {
  const auto* access = std::get_if<Access>(step.what);
  if (const PathId channel = channelOf(step); channel != PathId::Unknown)
    return isOutput(step) ? PathSetId::Empty : meeting(channel);
  PathSetId out = PathSetId::Empty;
  if (const PathId promised = promisedBy(step); promised != PathId::Unknown)
    out = meeting(promised);
  if ((access && acquires(*access)) || std::holds_alternative<Wait>(*step.what) ||
      std::holds_alternative<Block>(*step.what)) {
    return tables_.pathSets.united(out, meeting(aliases_.environment.normalise(step.path)));
  }
  if (step.call == Step::kNoCall) return out;
  for (Application& app : applications_[step.call]) {
    if (app.spawn || app.deferred) continue;
    out = tables_.pathSets.gathered(out, meetings(app.names->set(app.callee->acquiredAtExit)));
  }
  return out;
}

/// What block `b` has acquired for sure when it sends a loop round again: all but atomics that its branch asks, which may
/// not say so yet.
PathSetId Frame::acquiredOnTurn(std::uint32_t b) {
  const StepBlock& block = body_.blocks[b];
  if (block.branch == StepBlock::kNoBranch) return PathSetId::Empty;
  const LinkedBranch& branch = body_.branches[block.branch];
  std::set<PathId> asked(branch.depends.begin(), branch.depends.end());
  asked.insert({branch.tested, branch.outcome});
  asked.erase(PathId::Unknown);
  PathSetId out = PathSetId::Empty;
  for (auto step = block.steps.rbegin(); step != block.steps.rend(); ++step) {
    const PathId result = step->call == Step::kNoCall ? step->path : body_.calls[step->call].result;
    if (std::holds_alternative<Compute>(*step->what)) {
      if (asked.count(step->path) && step->sources != Step::kNoCall)
        asked.insert(body_.sources[step->sources].begin(), body_.sources[step->sources].end());
    } else if (std::holds_alternative<Wait>(*step->what) || !asked.count(result)) {
      out = tables_.pathSets.gathered(out, acquiredBy(*step));
    }
  }
  return out;
}

}  // namespace deadheat
