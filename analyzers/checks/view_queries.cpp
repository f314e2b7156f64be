#include "analyzers/checks/view_queries.h"

#include <algorithm>

namespace deadheat {

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

bool isDecidedBy(const Body& body, std::uint32_t from, std::uint32_t to) {
  const auto& next = body.blocks[from].successors;
  if (next.size() < 2) return false;
  auto leads = [&](std::uint32_t side) { return side == to || (side != from && reachableFrom(body, side, from)[to]); };
  return leads(next[0]) != leads(next[1]);
}

}  // namespace deadheat
