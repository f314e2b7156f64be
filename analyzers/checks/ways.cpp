#include "analyzers/checks/ways.h"

namespace deadheat {
namespace {

constexpr std::uint32_t kNone = 0xffffffff;

}  // namespace

bool Ways::reaches(std::uint32_t from, std::uint32_t to, std::uint32_t except) const {
  std::vector<bool> seen(view_.body->blocks.size());
  std::vector<std::uint32_t> todo{from};
  while (!todo.empty()) {
    const std::uint32_t block = todo.back();
    todo.pop_back();
    for (std::uint32_t next : view_.body->blocks[block].successors) {
      if (next == to) return true;
      if (next == except || seen[next]) continue;
      seen[next] = true;
      todo.push_back(next);
    }
  }
  return false;
}

bool Ways::leads(std::uint32_t from, std::uint32_t to) const { return reaches(from, to, kNone); }

bool Ways::follows(StepPlace earlier, StepPlace later) const {
  if (earlier.block == later.block && earlier.step < later.step) return true;
  return leads(earlier.block, later.block);
}

bool Ways::canAvoid(std::uint32_t block) const {
  if (block == 0 || block == view_.body->exit) return false;
  return reaches(0, view_.body->exit, block);
}

std::optional<StepPlace> Ways::find(Location location) const {
  for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
    for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) {
      if (view_.blocks[b].steps[s].step->location == location) return StepPlace{b, s};
    }
  }
  return std::nullopt;
}

}  // namespace deadheat
