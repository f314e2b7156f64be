// Conditions that go together: a test that was made before, or of a variable whose value is known, has one way only.
#include <algorithm>
#include <tuple>

#include "analyzers/link/lock_walk.h"

namespace deadheat {

LockState* LockWay::find(PathId lock) {
  auto at = std::lower_bound(locks.begin(), locks.end(), lock,
                             [](const LockState& s, PathId l) { return raw(s.lock) < raw(l); });
  return at != locks.end() && at->lock == lock ? &*at : nullptr;
}

void LockWay::set(const LockState& state) {
  auto at = std::lower_bound(locks.begin(), locks.end(), state.lock,
                             [](const LockState& s, PathId l) { return raw(s.lock) < raw(l); });
  if (at != locks.end() && at->lock == state.lock)
    *at = state;
  else
    locks.insert(at, state);
}

void LockWay::forget(PathId lock) {
  std::erase_if(locks, [&](const LockState& s) { return s.lock == lock; });
}

const LockWay::Tested* LockWay::tested(std::uint32_t test) const {
  auto at = std::find_if(tests.begin(), tests.end(), [&](const Tested& t) { return t.test == test; });
  return at == tests.end() ? nullptr : &*at;
}

void LockWay::learn(const Tested& outcome) {
  std::erase_if(tests, [&](const Tested& t) { return t.test == outcome.test; });
  tests.insert(std::upper_bound(tests.begin(), tests.end(), outcome), outcome);
}

namespace {

/// A condition as written, without blanks; equality and inequality of the same two things are one, and the opposite.
std::pair<std::string, bool> canonical(const std::string& written) {
  std::string text;
  for (char c : written)
    if (c != ' ' && c != '\n' && c != '\t') text += c;
  const std::size_t equal = text.find("=="), differs = text.find("!=");
  const std::size_t at = std::min(equal, differs);
  if (at == std::string::npos || text.find_first_of("?&|", 0) != std::string::npos) return {text, false};
  std::string left = text.substr(0, at), right = text.substr(at + 2);
  if (right < left) std::swap(left, right);
  return {left + "==" + right, at == differs};
}

}  // namespace

LockTests::LockTests(const Body& body, Environment& environment) {
  std::map<std::pair<PathId, std::string>, std::uint32_t> known;
  std::map<PathId, unsigned> uses;
  std::vector<unsigned> places;
  for (std::uint32_t b = 0; b < body.blocks.size(); ++b) {
    if (body.blocks[b].branch == StepBlock::kNoBranch) continue;
    const LinkedBranch& branch = body.branches[body.blocks[b].branch];
    Test test;
    test.tested = environment.normalise(branch.tested);
    bool negated = branch.what->negated;
    test.against = branch.what->against;
    if (test.tested == PathId::Unknown) std::tie(test.against, negated) = canonical(branch.what->text);
    for (PathId p : branch.depends) test.depends.push_back(environment.normalise(p));
    if (test.tested != PathId::Unknown) test.depends = {test.tested};
    if (test.depends.empty()) continue;
    auto [slot, fresh] = known.try_emplace({test.tested, test.against}, static_cast<std::uint32_t>(tests_.size()));
    if (fresh) {
      tests_.push_back(test);
      places.push_back(0);
    }
    ++places[slot->second];
    if (test.tested != PathId::Unknown) ++uses[test.tested];
    atBlock_[b] = {slot->second, negated};
  }
  std::map<PathId, bool> settled;
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps) {
      const auto* flag = std::get_if<Flag>(step.what);
      if (flag && flag->constant) settled[environment.normalise(step.path)] = true;
    }
  }
  // A test that is made once and of nothing known does not tell ways apart.
  std::erase_if(atBlock_, [&](const auto& entry) {
    const Test& test = tests_[entry.second.first];
    const bool known = test.tested != PathId::Unknown && (uses[test.tested] > 1 || settled.contains(test.tested));
    return places[entry.second.first] < 2 && !known;
  });
  for (const auto& [block, entry] : atBlock_) {
    for (PathId p : tests_[entry.first].depends) depends_[p].push_back(entry.first);
  }
}

bool LockTests::take(LockWay& way, std::uint32_t block, std::size_t edge) const {
  auto at = atBlock_.find(block);
  if (at == atBlock_.end() || edge > 1) return true;
  const auto [number, negated] = at->second;
  const bool holds = (edge == 0) != negated;
  const LockWay::Tested* known = way.tested(number);
  if (known && known->by != block && known->holds != holds) return false;
  if (known && known->by == LockWay::kSettled) return true;
  const Test& test = tests_[number];
  way.learn({number, holds, block});
  if (test.tested == PathId::Unknown) return true;
  if (holds && !test.against.empty()) settle(way, test.tested, test.against, block);
  if (!holds && test.against.empty()) settle(way, test.tested, "", block);
  return true;
}

/// `path` is known to be `value`: so every test of it is decided.
void LockTests::settle(LockWay& way, PathId path, const std::string& value, std::uint32_t by) const {
  auto tests = depends_.find(path);
  if (tests == depends_.end()) return;
  for (std::uint32_t number : tests->second) {
    const Test& test = tests_[number];
    if (test.tested == path) way.learn({number, test.against.empty() ? !value.empty() : test.against == value, by});
  }
}

void LockTests::follow(LockWay& way, const PathTable& paths, PathId lock) const {
  for (PathId at = lock; at != PathId::Unknown && !paths.isRoot(at); at = paths[at].parent) {
    auto tests = paths[at].kind == PathNode::Kind::Deref ? depends_.find(paths[at].parent) : depends_.end();
    if (tests == depends_.end()) continue;
    for (std::uint32_t number : tests->second) {
      const Test& test = tests_[number];
      if (test.tested == paths[at].parent && test.against.empty()) way.learn({number, true, LockWay::kSettled});
    }
  }
}

void LockTests::change(LockWay& way, PathId path, const std::optional<std::string>& constant) const {
  auto tests = depends_.find(path);
  if (tests == depends_.end()) return;
  std::erase_if(way.tests, [&](const LockWay::Tested& t) {
    return std::find(tests->second.begin(), tests->second.end(), t.test) != tests->second.end();
  });
  if (constant) settle(way, path, *constant, LockWay::kSettled);
}

}  // namespace deadheat
