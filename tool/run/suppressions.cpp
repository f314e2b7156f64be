#include "tool/run/suppressions.h"

#include <algorithm>
#include <array>

namespace deadheat {
namespace {

/// From the beginning of `name`; all of it only if the pattern ends with '$'.
bool matchesHere(llvm::StringRef pattern, llvm::StringRef name) {
  for (;; pattern = pattern.drop_front(), name = name.drop_front()) {
    if (pattern.empty()) return true;
    if (pattern == "$") return name.empty();
    if (pattern.front() == '*') {
      for (std::size_t skipped = 0; skipped <= name.size(); ++skipped)
        if (matchesHere(pattern.drop_front(), name.drop_front(skipped))) return true;
      return false;
    }
    if (name.empty() || pattern.front() != name.front()) return false;
  }
}

bool anyMatches(const std::vector<std::string>& patterns, llvm::StringRef name) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return matchesPattern(pattern, name); });
}

bool anyMatches(const std::vector<std::string>& patterns, const Frame& frame) {
  return anyMatches(patterns, frame.function) || anyMatches(patterns, frame.module);
}

}  // namespace

bool matchesPattern(llvm::StringRef pattern, llvm::StringRef name) {
  if (pattern.consume_front("^")) return matchesHere(pattern, name);
  for (std::size_t begin = 0; begin <= name.size(); ++begin)
    if (matchesHere(pattern, name.drop_front(begin))) return true;
  return false;
}

Suppressions::Suppressions(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    const auto [kind, pattern] = llvm::StringRef(line).split(':');
    if (kind == "race") race_.push_back(pattern.str());
    if (kind == "race_top") raceTop_.push_back(pattern.str());
    if (kind == "deadlock") deadlock_.push_back(pattern.str());
  }
}

bool Suppressions::silence(const RecordedRace& race, const Recording& recording, Symbolizer& symbolizer) const {
  if (race_.empty() && raceTop_.empty()) return false;
  for (const RecordedAccess& side : race.sides) {
    const std::vector<Frame> frames = symbolizer.frames(recording, side.stack);
    if (std::ranges::any_of(frames, [&](const Frame& frame) { return anyMatches(race_, frame); })) return true;
    if (!frames.empty() && anyMatches(raceTop_, frames.front())) return true;
  }
  const std::string variable = symbolizer.variableAt(recording, race.sides[0].address);
  return !variable.empty() && anyMatches(race_, variable);
}

bool Suppressions::silence(const RecordedLockCycle& cycle, const Recording& recording, Symbolizer& symbolizer) const {
  if (deadlock_.empty()) return false;
  return std::ranges::any_of(cycle.edges, [&](const RecordedLockEdge& edge) {
    return std::ranges::any_of(std::array{&edge.heldStack, &edge.wantedStack}, [&](const RecordedStack* stack) {
      return std::ranges::any_of(symbolizer.frames(recording, *stack),
                                 [&](const Frame& frame) { return anyMatches(deadlock_, frame); });
    });
  });
}

}  // namespace deadheat
