#include "runtime/schedule/trail.h"

namespace deadheat::rt {
namespace {

const TrailStep* steps;
std::size_t count;
std::uint64_t stride = 1;
std::uint64_t position;

}  // namespace

void setTrail(const TrailStep* trail, std::size_t size, std::uint64_t every) {
  steps = trail;
  count = size;
  stride = every != 0 ? every : 1;
  position = 0;
}

const TrailStep* leavesTrail(const Event& chosen, std::uint64_t hash) {
  std::uint64_t number = position++;
  if (number % stride != 0 || number / stride >= count) return nullptr;
  const TrailStep& expected = steps[number / stride];
  bool samePlace = expected.pc == chosen.pc || expected.pc == TrailStep::kNotLoaded;
  return expected.thread == chosen.thread && expected.hash == hash && samePlace ? nullptr : &expected;
}

std::uint64_t trailPosition() { return position; }

}  // namespace deadheat::rt
