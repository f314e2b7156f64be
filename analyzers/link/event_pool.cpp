#include "analyzers/link/event_pool.h"

#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

std::uint64_t hashOf(const std::string& text) { return llvm::hash_value(llvm::StringRef(text)); }

/// Takes off what has been lowered and gives a hash of the rest; 0 for events that are kept whole, each by itself.
template <typename Event>
std::uint64_t strip(Event&) {
  return 0;
}

std::uint64_t strip(Access& e) {
  e.path = {};
  const std::uint64_t kinds = (static_cast<std::uint64_t>(e.kind) << 16) |
                              (static_cast<std::uint64_t>(e.atomicity) << 8) | static_cast<std::uint64_t>(e.order);
  return mixed(mixed(mixed(1, hashOf(e.type)), hashOf(e.operation)), kinds) | 1;
}

std::uint64_t strip(Call& e) {
  e.callee.target = {};
  e.receiver.reset();
  e.arguments = {};
  e.result = {};
  return mixed(mixed(1, hashOf(e.callee.function)), hashOf(e.callee.name)) | 1;
}

std::uint64_t strip(Compute& e) {
  e.target = {};
  e.from = {};
  return mixed(hashOf(e.constant), 3) | 1;
}

std::uint64_t strip(Return& e) {
  e.value = {};
  e.from = {};
  e.outcome = {};
  return mixed(static_cast<std::uint64_t>(e.truth), 5) | 1;
}

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
  branches_.push_back(std::move(branch));
  return &branches_.back();
}

}  // namespace deadheat
