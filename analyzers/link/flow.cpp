#include "analyzers/link/flow.h"

#include <algorithm>
#include <map>

namespace deadheat {
namespace {

/// Blocks that lie on a cycle get the number of their strongly connected component.
class BlockComponents {
 public:
  explicit BlockComponents(const Body& body)
      : body_(body),
        index_(body.blocks.size()),
        low_(body.blocks.size()),
        component_(body.blocks.size()),
        onStack_(body.blocks.size()) {}

  std::vector<std::uint32_t> run() {
    for (std::uint32_t b = 0; b < body_.blocks.size(); ++b) {
      if (index_[b] == 0) visit(b);
    }
    return std::move(component_);
  }

 private:
  void visit(std::uint32_t start) {
    std::vector<std::pair<std::uint32_t, std::size_t>> frames;
    enter(start, frames);
    while (!frames.empty()) {
      auto [block, next] = frames.back();
      const auto& out = body_.blocks[block].successors;
      if (next < out.size()) {
        ++frames.back().second;
        if (index_[out[next]] == 0)
          enter(out[next], frames);
        else if (onStack_[out[next]])
          low_[block] = std::min(low_[block], index_[out[next]]);
        continue;
      }
      frames.pop_back();
      if (!frames.empty()) low_[frames.back().first] = std::min(low_[frames.back().first], low_[block]);
      if (low_[block] == index_[block]) close(block);
    }
  }
  void enter(std::uint32_t block, std::vector<std::pair<std::uint32_t, std::size_t>>& frames) {
    index_[block] = low_[block] = ++counter_;
    stack_.push_back(block);
    onStack_[block] = true;
    frames.emplace_back(block, 0);
  }
  void close(std::uint32_t block) {
    const auto& out = body_.blocks[block].successors;
    bool cycle = stack_.back() != block || std::find(out.begin(), out.end(), block) != out.end();
    if (cycle) ++number_;
    for (std::uint32_t member = ~block; member != block;) {
      member = stack_.back();
      stack_.pop_back();
      onStack_[member] = false;
      component_[member] = cycle ? number_ : 0;
    }
  }

  const Body& body_;
  std::vector<std::uint32_t> index_, low_, component_, stack_;
  std::vector<bool> onStack_;
  std::uint32_t counter_ = 0, number_ = 0;
};

bool leadsTo(const Body& body, std::uint32_t from, std::uint32_t to) {
  for (int hops = 0; hops < 4; ++hops) {
    const auto& out = body.blocks[from].successors;
    if (std::find(out.begin(), out.end(), to) != out.end()) return true;
    if (out.size() != 1) return false;
    from = out.front();
  }
  return false;
}

/// Locks of callers that `state` gave back and took again, and that `other` did not touch: they are as on entry.
PathSetId restoredBy(const FlowState& state, const FlowState& other, Tables& tables) {
  PathSetId out = PathSetId::Empty;
  if (state.released == PathSetId::Empty || state.held == LocksetId::Empty || state.released == other.released) return out;
  for (PathId lock : std::vector<PathId>(tables.pathSets[state.released].begin(), tables.pathSets[state.released].end())) {
    const bool isOther = tables.pathSets.contains(other.released, lock) || tables.locksets.find(other.held, lock);
    if (!isOther && tables.locksets.find(state.held, lock)) out = tables.pathSets.with(out, lock);
  }
  return out;
}

}  // namespace

FlowState merged(const FlowState& a, const FlowState& b, Tables& tables) {
  if (!a.reached) return b;
  if (!b.reached) return a;
  FlowState out;
  out.reached = true;
  const PathSetId restored = tables.pathSets.united(restoredBy(a, b, tables), restoredBy(b, a, tables));
  out.held = tables.locksets.intersected(a.held, b.held);
  out.leaked = tables.locksets.united(a.leaked, b.leaked);
  out.released = tables.pathSets.united(a.released, b.released);
  for (PathId lock : std::vector<PathId>(tables.pathSets[restored].begin(), tables.pathSets[restored].end()))
    out.released = tables.pathSets.without(out.released, lock);
  out.joined = tables.pathSets.intersected(a.joined, b.joined);
  out.taken = tables.pathSets.intersected(a.taken, b.taken);
  out.acquired = tables.pathSets.gathered(a.acquired, b.acquired);
  out.notified = tables.pathSets.gathered(a.notified, b.notified);
  out.published = tables.pathSets.united(a.published, b.published);
  out.phases = tables.pathSets.united(a.phases, b.phases);
  out.tasks = tables.pathSets.united(a.tasks, b.tasks);
  out.guards = tables.cellMaps.merged(a.guards, b.guards);
  out.live = a.live | b.live;
  out.straight = a.straight | b.straight;
  return out;
}

EdgeJoins::EdgeJoins(const Body& body, const std::vector<std::vector<PathId>>& joinsByBlock,
                     const std::vector<std::vector<PathId>>& spawnsByBlock) {
  joins_.resize(body.blocks.size());
  findLoops(body);
  std::map<std::uint32_t, std::pair<std::vector<PathId>, std::vector<PathId>>> loops;
  for (std::uint32_t b = 0; b < body.blocks.size(); ++b) {
    auto& [joins, spawns] = loops[loop_[b]];
    joins.insert(joins.end(), joinsByBlock[b].begin(), joinsByBlock[b].end());
    spawns.insert(spawns.end(), spawnsByBlock[b].begin(), spawnsByBlock[b].end());
  }
  for (std::uint32_t b = 0; b < body.blocks.size(); ++b) {
    for (std::uint32_t to : body.blocks[b].successors) {
      std::vector<PathId> handles;
      if (loop_[b] != 0 && loop_[to] != loop_[b]) {
        const auto& [joins, spawns] = loops[loop_[b]];
        for (PathId h : joins) {
          if (std::find(spawns.begin(), spawns.end(), h) == spawns.end()) handles.push_back(h);
        }
      }
      for (std::uint32_t other : body.blocks[b].successors) {
        if (other == to || joinsByBlock[other].empty() || body.blocks[other].predecessors.size() != 1) continue;
        if (leadsTo(body, other, to)) {
          handles.insert(handles.end(), joinsByBlock[other].begin(), joinsByBlock[other].end());
        }
      }
      if (!handles.empty()) joins_[b].emplace_back(to, std::move(handles));
    }
  }
}

void EdgeJoins::findLoops(const Body& body) {
  loop_ = BlockComponents(body).run();
  decides_.assign(body.blocks.size(), false);
  for (std::uint32_t b = 0; b < body.blocks.size(); ++b) {
    for (std::uint32_t to : body.blocks[b].successors) {
      if (loop_[b] != 0 && loop_[to] != loop_[b]) decides_[b] = true;
    }
  }
}

const std::vector<PathId>& EdgeJoins::on(std::uint32_t from, std::uint32_t to) const {
  static const std::vector<PathId> none;
  for (const auto& [target, handles] : joins_[from]) {
    if (target == to) return handles;
  }
  return none;
}

bool EdgeJoins::turnsLoop(std::uint32_t from, std::uint32_t to) const {
  return decides_[from] && loop_[to] == loop_[from];
}

}  // namespace deadheat
