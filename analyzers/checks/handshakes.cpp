#include "analyzers/checks/handshakes.h"

#include <algorithm>

namespace deadheat {

using Kind = Region::Kind;

Handshakes::Handshakes(const Tables& tables, const Team& team) : tables_(tables) {
  for (const AcquireFact& acquire : team.acquires)
    if (const auto who = runner(acquire.context)) {
      locks_[acquire.lock].users.insert(*who);
      locks_[acquire.lock].phases.insert({*who, acquire.phases});
    }
  for (const SharedAccess& access : team.scope.accesses) note(access.fact.context);
}

std::optional<std::string> Handshakes::runner(ContextId context) const {
  for (; context != ContextId::None; context = tables_.contexts[context].parent) {
    const ContextNode& node = tables_.contexts[context];
    if (node.facts->kind == Kind::Section) return "section " + std::to_string(raw(context));
    if (node.facts->kind == Kind::Team) break;
    if (node.facts->kind != Kind::Guard || node.facts->relation != Region::Relation::Equal) continue;
    const std::string_view condition = tables_.symbols.text(node.condition);
    const bool isThread = condition.starts_with("$tid") || condition.starts_with("-1*$tid");
    if (isThread && condition.find_first_of("%?{:") == std::string_view::npos) {
      std::string thread(condition);
      return thread.starts_with("-1*") ? "other " + thread : thread;
    }
  }
  return std::nullopt;
}

bool Handshakes::inCritical(ContextId context) const {
  for (; context != ContextId::None; context = tables_.contexts[context].parent)
    if (tables_.contexts[context].facts->kind == Kind::Critical) return true;
  return false;
}

void Handshakes::note(ContextId context) {
  const auto who = runner(context);
  if (!who || !inCritical(context)) return;
  std::string critical;
  bool waits = false;
  for (ContextId at = context; at != ContextId::None; at = tables_.contexts[at].parent) {
    const ContextNode& node = tables_.contexts[at];
    if (node.facts->kind == Kind::Critical) critical = node.facts->name;
    waits |= node.facts->kind == Kind::Loop && node.ranges.empty();
  }
  Meeting& meeting = criticals_[critical];
  meeting.users.insert(*who);
  if (waits) meeting.waiters.insert(*who);
}

bool Handshakes::meet(const Meeting& meeting, bool needsWaiter, const std::string& runner) const {
  if (meeting.users.size() < 2 || !meeting.users.contains(runner)) return false;
  return !needsWaiter || !meeting.waiters.empty();
}

bool Handshakes::areHandedOver(LocksetId held) const {
  const auto locks = tables_.locksets[held];
  return std::all_of(locks.begin(), locks.end(), [&](const HeldLock& lock) {
    auto meeting = locks_.find(lock.lock);
    return meeting != locks_.end() && meeting->second.users.size() > 1;
  });
}

bool Handshakes::areFromBefore(const AccessFact& access) const {
  const auto locks = tables_.locksets[access.held];
  const auto who = runner(access.context);
  return std::all_of(locks.begin(), locks.end(), [&](const HeldLock& lock) {
    return who && !locks_.at(lock.lock).phases.contains({*who, access.phases});
  });
}

bool Handshakes::mayOrder(const AccessFact& a, const AccessFact& b) const {
  if (!areHandedOver(a.held) || !areHandedOver(b.held)) return false;
  // A lock that one side takes just for this keeps nobody waiting who does not take it.
  const bool onlyOneHolds = (a.held == LocksetId::Empty) != (b.held == LocksetId::Empty);
  if (onlyOneHolds && !(areFromBefore(a) && areFromBefore(b))) return false;
  if (inCritical(a.context) || inCritical(b.context)) return false;
  for (const AccessFact* side : {&a, &b}) {
    const auto who = runner(side->context);
    if (!who) continue;
    for (const auto& [lock, meeting] : locks_)
      if (meet(meeting, false, *who)) return true;
    for (const auto& [name, meeting] : criticals_)
      if (meet(meeting, true, *who)) return true;
  }
  return false;
}

}  // namespace deadheat
