#include "analyzers/link/wrapped_locks.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace deadheat {
namespace {

using Member = std::pair<std::string, std::string>;  ///< Class and field.

/// The attributes say that the function takes the object itself.
bool takesThis(const Function& function) {
  return std::any_of(function.contracts.all.begin(), function.contracts.all.end(), [](const Contract& contract) {
    const bool takes = contract.kind == Contract::Kind::Acquires || contract.kind == Contract::Kind::Tries;
    return takes && contract.lock.root.kind == RootKind::This && contract.lock.steps.empty();
  });
}

/// A field of `this` itself.
std::optional<Member> memberOfThis(const Path& lock) {
  if (lock.root.kind != RootKind::This || lock.steps.size() != 1 || lock.cut) return std::nullopt;
  const PathStep& step = lock.steps.front();
  if (step.kind != PathStep::Kind::Field || step.isBack()) return std::nullopt;
  return Member{step.record, step.name};
}

/// The only lock that the body takes, if it is a field of `this`.
std::optional<Member> takenMember(const Function& function) {
  std::optional<Member> taken;
  for (const BasicBlock& block : function.blocks) {
    for (const Event& event : block.events) {
      const auto* acquire = std::get_if<Acquire>(&event.what);
      if (!acquire) continue;
      const std::optional<Member> member = memberOfThis(acquire->lock);
      if (!member || (taken && *taken != *member)) return std::nullopt;
      taken = member;
    }
  }
  return taken;
}

}  // namespace

void WrappedLocks::look(const Function& function) {
  if (function.isDeclaration || !takesThis(function)) return;
  if (const std::optional<Member> member = takenMember(function)) byClass_[function.record].insert(*member);
}

void WrappedLocks::unify(Symbols& symbols, PathTable& paths) const {
  for (const auto& [name, members] : byClass_) {
    if (members.size() != 1) continue;
    paths.unify(symbols.intern(members.begin()->first), symbols.intern(members.begin()->second));
  }
}

}  // namespace deadheat
