#include "tool/predict/held_locks.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace deadheat {
namespace {

auto find(HeldSet& held, std::uint64_t lock) {
  return std::lower_bound(held.begin(), held.end(), lock,
                          [](const HeldLockOf& each, std::uint64_t wanted) { return each.lock < wanted; });
}

}  // namespace

bool haveGate(const HeldSet& a, const HeldSet& b) {
  for (const HeldLockOf& one : a)
    for (const HeldLockOf& other : b)
      if (one.lock == other.lock && !(one.shared && other.shared)) return true;
  return false;
}

HeldLocks::HeldLocks(const ObservedTrace& trace) {
  std::map<std::vector<std::pair<std::uint64_t, bool>>, std::uint32_t> numbers;
  std::unordered_map<std::uint32_t, std::pair<HeldSet, std::uint32_t>> threads;  // With the number of the set.
  auto number = [&](const HeldSet& held) {
    std::vector<std::pair<std::uint64_t, bool>> key;
    for (const HeldLockOf& each : held) key.emplace_back(each.lock, each.shared);
    auto [found, added] = numbers.try_emplace(std::move(key), distinct_.size());
    if (added) distinct_.push_back(held);
    return found->second;
  };
  const std::uint32_t none = number({});
  sets_.reserve(trace.size());
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const ObservedEvent& event = trace[i];
    auto& [held, current] = threads.try_emplace(event.thread, HeldSet(), none).first->second;
    sets_.push_back(current);
    if (event.kind == ObservedEvent::Kind::Acquire)
      held.insert(find(held, event.object), {event.object, event.shared, i});
    else if (auto at = find(held, event.object);
             event.kind == ObservedEvent::Kind::Release && at != held.end() && at->lock == event.object)
      held.erase(at);
    else
      continue;
    current = number(held);
  }
}

}  // namespace deadheat
