#include "analyzers/link/event_pool.h"

#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

/// Mixes what is left of an event into a number that is never 0.
template <typename... Part>
std::uint64_t hashOf(const Part&... parts) {
  std::uint64_t hash = 1;
  auto add = [&](const auto& part) {
    if constexpr (std::is_same_v<std::decay_t<decltype(part)>, std::string>)
      hash = mixed(hash, llvm::hash_value(llvm::StringRef(part)));
    else
      hash = mixed(hash, static_cast<std::uint64_t>(part));
  };
  (add(parts), ...);
  return hash | 1;
}

/// Takes off what has been lowered and gives a hash of the rest; 0 for events that are kept whole, each by itself.
template <typename Event>
std::uint64_t strip(Event&) {
  return 0;
}

std::uint64_t strip(Access& e) {
  e.path = {};
  return hashOf(e.type, e.operation, e.kind, e.atomicity, e.order);
}

std::uint64_t strip(Acquire& e) {
  e.lock = {};
  return hashOf(e.type, e.mode, e.wait, e.holder, e.recursion, e.group, e.byTask);
}

std::uint64_t strip(Release& e) {
  e.lock = {};
  return hashOf(e.mode, e.holder);
}

std::uint64_t strip(Call& e) {
  e.callee.target = {};
  e.receiver.reset();
  e.arguments = {};
  e.result = {};
  return hashOf(e.callee.function, e.callee.name, e.task);
}

std::uint64_t strip(Assign& e) {
  e.target = {};
  e.value = {};
  return hashOf();
}

std::uint64_t strip(Compute& e) {
  e.target = {};
  e.from = {};
  return hashOf(e.constant);
}

std::uint64_t strip(Return& e) {
  e.value = {};
  e.from = {};
  e.outcome = {};
  return hashOf(e.truth, e.outcomeNegated);
}

std::uint64_t strip(Allocate& e) {
  e.object = {};
  return hashOf(e.type);
}

std::uint64_t strip(Escape& e) {
  e.value = {};
  return hashOf();
}

std::uint64_t strip(Flag& e) {
  e.target = {};
  return hashOf(e.constant.has_value(), e.constant.value_or(""));
}

std::uint64_t strip(GuardStart& e) {
  e.guard = {};
  e.lock = {};
  return hashOf(e.how);
}

std::uint64_t strip(Suspend& e) {
  e.awaited = {};
  return hashOf(e.kind, e.what, e.type, e.resumes);
}

std::uint64_t strip(LibraryCall& e) { return hashOf(e.function); }

}  // namespace

const EventKind* EventPool::keep(EventKind&& what) {
  const std::uint64_t hash = std::visit([](auto& event) { return strip(event); }, what);
  const auto fresh = static_cast<std::uint32_t>(events_.size());
  const std::uint32_t id =
      hash == 0 ? fresh : index_.findOrAdd(hash, fresh, [&](std::uint32_t known) { return events_[known] == what; });
  if (id == fresh) events_.push_back(std::move(what));
  return &events_[id];
}

const Branch* EventPool::keep(Branch&& branch) {
  branch.depends = {};
  branch.tested = {};
  branch.outcome = {};
  const auto fresh = static_cast<std::uint32_t>(branches_.size());
  const std::uint32_t id =
      branchIndex_.findOrAdd(hashOf(branch.text, branch.against, branch.negated, branch.outcomeNegated), fresh,
                             [&](std::uint32_t known) { return branches_[known] == branch; });
  if (id == fresh) branches_.push_back(std::move(branch));
  return &branches_[id];
}

}  // namespace deadheat
