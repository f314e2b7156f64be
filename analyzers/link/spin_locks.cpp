#include "analyzers/link/spin_locks.h"

#include <algorithm>
#include <array>

#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

constexpr int kMaxHelpers = 3;           ///< Calls from a lock function to the atomic that it spins on.
constexpr std::size_t kMaxEvents = 60;  ///< What helps to take a lock is short.

llvm::StringRef plainName(std::string_view name) {
  const std::size_t scope = name.rfind("::");
  return llvm::StringRef(scope == std::string_view::npos ? name : name.substr(scope + 2));
}

/// The function is said to let readers in beside each other.
bool isForReaders(llvm::StringRef name) {
  return name.contains_insensitive("shared") || name.contains_insensitive("read") || name.ends_with_insensitive("rlock") ||
         name.starts_with_insensitive("rlock");
}

/// The object an atomic belongs to: `*this` or `*first parameter`.
std::optional<Path> owner(const Path& atomic) {
  if (atomic.root.kind == RootKind::This) return Path{atomic.root, {}, false};
  const bool isFirst = atomic.root.kind == RootKind::Parameter && atomic.root.index == 0 && !atomic.steps.empty() &&
                       atomic.steps[0].kind == PathStep::Kind::Deref;
  if (!isFirst) return std::nullopt;
  return Path{atomic.root, {PathStep::deref()}, false};
}

/// The caller's own object, if that is what the call is made on.
std::optional<Path> ownObjectOf(const EventKind& what) {
  const auto* call = std::get_if<Call>(&what);
  if (!call || call->callee.kind == Callee::Kind::Indirect) return std::nullopt;
  const Value* on = call->receiver ? &*call->receiver : call->arguments.empty() ? nullptr : &call->arguments[0];
  if (!on) return std::nullopt;
  const bool bare = on->path.steps.empty() || (on->kind == Value::Kind::AddressOf && on->path.steps.size() == 1);
  if (!bare) return std::nullopt;
  return owner(on->path.steps.empty() ? Path(on->path).then(PathStep::deref()) : on->path);
}

template <typename Visit>
void eachEvent(const Function& function, Visit visit) {
  for (const BasicBlock& block : function.blocks)
    for (const Event& event : block.events) visit(event.what);
}

/// Looks at the lock's memory to see whether it is worth trying are no accesses to data, and pauses until it is are part
/// of taking it.
void dropTrying(Function& function) {
  std::optional<Path> object;
  eachEvent(function, [&](const EventKind& what) {
    const auto* access = std::get_if<Access>(&what);
    const bool swaps = access && access->atomicity == Atomicity::Atomic && access->kind == AccessKind::ReadWrite;
    if (swaps && !object) object = owner(access->path);
  });
  for (BasicBlock& block : function.blocks)
    std::erase_if(block.events, [&](const Event& event) {
      const auto* access = std::get_if<Access>(&event.what);
      const bool looks = access && object && access->kind == AccessKind::Read && access->path == *object;
      return looks || std::holds_alternative<Block>(event.what) || std::holds_alternative<Awaited>(event.what);
    });
}

Location placeIn(const Function& function) {
  for (const BasicBlock& block : function.blocks)
    if (!block.events.empty()) return block.events.front().location;
  return function.location;
}

/// Every return whose truth is not known becomes two: one that is true and has the lock, and one that is false.
void divideReturns(Function& function, const Event& acquire) {
  const std::size_t count = function.blocks.size();
  for (std::size_t b = 0; b < count; ++b) {
    std::vector<Event>& events = function.blocks[b].events;
    auto at = std::find_if(events.begin(), events.end(),
                           [](const Event& event) { return std::holds_alternative<Return>(event.what); });
    if (at == events.end()) continue;
    const Event plain = *at;
    const Return::Truth said = std::get<Return>(plain.what).truth;
    if (said == Return::Truth::False) continue;
    if (said == Return::Truth::True) {
      events.insert(at, acquire);
      continue;
    }
    std::array<BasicBlock, 2> ways;
    for (const bool holds : {true, false}) {
      Event result = plain;
      auto& returned = std::get<Return>(result.what);
      returned.truth = holds ? Return::Truth::True : Return::Truth::False;
      returned.outcome = {};
      returned.from.clear();
      BasicBlock& way = ways[holds ? 0 : 1];
      if (holds) way.events.push_back(acquire);
      way.events.push_back(std::move(result));
      way.events.insert(way.events.end(), at + 1, events.end());
      way.successors = function.blocks[b].successors;
    }
    events.erase(at, events.end());
    const auto first = static_cast<std::uint32_t>(function.blocks.size());
    function.blocks[b].branch.reset();
    function.blocks[b].successors = {first, first + 1};
    for (BasicBlock& way : ways) function.blocks.push_back(std::move(way));
  }
}

}  // namespace

SpinLocks::Part SpinLocks::partOf(std::string_view whole) {
  const llvm::StringRef name(whole);
  for (const char* other : {"block", "clock"})
    if (name.ends_with_insensitive(other)) return Part::None;
  const bool ends = name.ends_with_insensitive("lock");
  if (ends && (name.contains_insensitive("release") || name.contains_insensitive("drop"))) return Part::Unlock;
  if (name.ends_with_insensitive("unlock") || name.starts_with_insensitive("unlock")) return Part::Unlock;
  if (!ends && !name.starts_with_insensitive("lock")) return Part::None;
  for (const char* other : {"init", "destroy", "free", "create", "reset", "check", "assert", "clone"})
    if (name.contains_insensitive(other)) return Part::None;
  return name.contains_insensitive("try") ? Part::Try : Part::Lock;
}

/// What makes two functions deal with one kind of lock: the class, or the type of the first parameter.
std::string SpinLocks::kindOf(const Function& function) {
  if (!function.record.empty() && !function.isStatic) return function.record;
  return function.parameters.empty() ? std::string() : "*" + function.parameters[0].type;
}

void SpinLocks::look(const Function& function) {
  if (!function.contracts.all.empty()) known_.insert(kindOf(function));
  if (function.isDeclaration || function.blocks.empty()) return;
  Sketch sketch;
  sketch.name = plainName(function.name).str();
  sketch.part = partOf(sketch.name);
  sketch.isKnown = !function.contracts.all.empty();
  std::size_t events = 0;
  eachEvent(function, [&](const EventKind& what) {
    ++events;
    sketch.isKnown |= std::holds_alternative<Acquire>(what) || std::holds_alternative<Release>(what);
    if (const auto* access = std::get_if<Access>(&what); access && access->atomicity == Atomicity::Atomic) {
      std::optional<Path>& slot = access->kind == AccessKind::ReadWrite ? sketch.swaps : sketch.writes;
      if (!slot && access->kind != AccessKind::Read) slot = owner(access->path);
    } else if (std::optional<Path> own = ownObjectOf(what)) {
      sketch.calls.push_back({std::get<Call>(what).callee.function, std::move(*own)});
    }
  });
  const bool helps = (sketch.swaps || !sketch.calls.empty()) && events <= kMaxEvents;
  if (sketch.part == Part::None && !helps && !sketch.isKnown) return;
  sketch.kind = kindOf(function);
  sketch.isOfClass = !function.record.empty() && !function.isStatic;
  if (sketch.part != Part::None && (sketch.isKnown || function.coroutine)) known_.insert(sketch.kind);
  if (sketch.part == Part::None && !helps) sketch.calls.clear();
  sketches_.try_emplace(function.id, std::move(sketch));
}

/// The object whose atomic the function changes as `part` does it, also by functions that are called on the same object.
/// Nothing if one of those deals with a known lock.
std::optional<Path> SpinLocks::object(const Sketch& sketch, Part part, int depth, std::set<FunctionId>& helpers) const {
  if (sketch.swaps) return sketch.swaps;
  if (part == Part::Unlock && sketch.writes) return sketch.writes;
  if (depth == 0) return std::nullopt;
  std::optional<Path> found;
  for (const Sketch::OwnCall& call : sketch.calls) {
    auto callee = sketches_.find(call.callee);
    if (callee == sketches_.end()) continue;
    if (callee->second.isKnown) return std::nullopt;
    if (found || !helpers.insert(call.callee).second) continue;
    if (object(callee->second, part, depth - 1, helpers)) found = call.object;
  }
  return found;
}

void SpinLocks::decide() {
  struct Found {
    Change change;
    std::set<FunctionId> helpers;
  };
  std::map<FunctionId, Found> found;
  std::map<std::string, std::set<Part>> parts;
  std::set<std::string> handingOut;  // Their lock functions, called, have not taken anything as yet.
  for (const auto& [id, sketch] : sketches_) {
    if (sketch.part == Part::None || sketch.isKnown || known_.contains(sketch.kind)) continue;
    Found one;
    const std::optional<Path> locked = object(sketch, sketch.part, kMaxHelpers, one.helpers);
    if (!locked) {
      if (sketch.part == Part::Lock && sketch.isOfClass) handingOut.insert(sketch.kind);
      continue;
    }
    one.change = {sketch.part, *locked, isForReaders(sketch.name)};
    found.emplace(id, std::move(one));
    parts[sketch.kind].insert(sketch.part);
  }
  for (const auto& [id, one] : found) {
    const std::set<Part>& all = parts[sketches_[id].kind];
    const bool takes = all.contains(Part::Lock) || all.contains(Part::Try);
    const bool isOfClass = one.change.object.root.kind == RootKind::This;
    if (isOfClass && !all.contains(Part::Lock) && handingOut.contains(sketches_[id].kind)) continue;
    if (one.change.part == Part::Unlock ? !takes : isOfClass && !all.contains(Part::Unlock)) continue;
    changes_[id] = one.change;
    if (one.change.part == Part::Unlock) continue;
    for (const FunctionId& helper : one.helpers) changes_.try_emplace(helper);
  }
  sketches_.clear();
}

void SpinLocks::addTo(TuFacts& facts) const {
  if (changes_.empty()) return;
  for (Function& function : facts.functions) {
    auto known = changes_.find(function.id);
    if (known != changes_.end() && !function.isDeclaration && !function.blocks.empty()) change(function, known->second);
  }
}

void SpinLocks::change(Function& function, const Change& change) const {
  if (change.part == Part::None) return dropTrying(function);
  // What functions on the way to the atomic do to the lock, this one is said to do as a whole.
  for (BasicBlock& block : function.blocks)
    std::erase_if(block.events, [&](const Event& event) {
      if (!ownObjectOf(event.what)) return false;
      auto callee = changes_.find(std::get<Call>(event.what).callee.function);
      return callee != changes_.end() && callee->second.part != Part::None;
    });
  const Location location = placeIn(function);
  if (change.part == Part::Unlock) {
    Release release;
    release.lock = change.object;
    std::vector<Event>& events = function.blocks[0].events;
    events.insert(events.begin(), {location, std::move(release)});
    return;
  }
  dropTrying(function);
  Acquire acquire;
  acquire.lock = change.object;
  acquire.type = "spin lock";
  if (change.forReaders) acquire.mode = LockMode::Shared;
  if (change.part == Part::Lock) {
    function.blocks[function.exit].events.push_back({location, std::move(acquire)});
    return;
  }
  acquire.wait = LockWait::Try;
  divideReturns(function, {location, std::move(acquire)});
}

}  // namespace deadheat
