#include "analyzers/link/natural_loops.h"

#include <algorithm>

namespace deadheat {

NaturalLoops::NaturalLoops(const Body& body, const std::vector<std::uint32_t>& position)
    : leaving_(body.blocks.size()) {
  for (std::uint32_t from = 0; from < body.blocks.size(); ++from) {
    for (std::uint32_t to : body.blocks[from].successors) {
      if (position[to] > position[from]) continue;
      Loop& loop = loopOf(to);
      loop.blocks.resize(body.blocks.size());
      loop.blocks[to] = true;
      std::vector<std::uint32_t> work{from};
      while (!work.empty()) {
        const std::uint32_t block = work.back();
        work.pop_back();
        if (loop.blocks[block]) continue;
        loop.blocks[block] = true;
        work.insert(work.end(), body.blocks[block].predecessors.begin(), body.blocks[block].predecessors.end());
      }
    }
  }
  for (std::uint32_t l = 0; l < loops_.size(); ++l) {
    for (std::uint32_t block = 0; block < body.blocks.size(); ++block) {
      const auto& next = body.blocks[block].successors;
      if (!loops_[l].blocks[block]) continue;
      if (std::all_of(next.begin(), next.end(), [&](std::uint32_t to) { return loops_[l].blocks[to]; })) continue;
      loops_[l].exits.push_back(block);
      leaving_[block].push_back(l);
    }
  }
}

NaturalLoops::Loop& NaturalLoops::loopOf(std::uint32_t head) {
  auto found = std::find_if(loops_.begin(), loops_.end(), [&](const Loop& loop) { return loop.head == head; });
  if (found != loops_.end()) return *found;
  loops_.emplace_back().head = head;
  return loops_.back();
}

const std::vector<std::uint32_t>& NaturalLoops::bringBack(std::uint32_t head, PathSetId acquired, Tables& tables) {
  static const std::vector<std::uint32_t> none;
  Loop& loop = loopOf(head);
  const PathSetId both = tables.pathSets.gathered(loop.gathered, acquired);
  if (both == loop.gathered) return none;
  loop.gathered = both;
  return loop.exits;
}

PathSetId NaturalLoops::gatheredBy(std::uint32_t from, std::uint32_t to, Tables& tables) const {
  PathSetId out = PathSetId::Empty;
  for (std::uint32_t l : leaving_[from]) {
    if (!loops_[l].blocks[to]) out = tables.pathSets.gathered(out, loops_[l].gathered);
  }
  return out;
}

}  // namespace deadheat
