// What a frame keeps of what it emitted: one fact of a kind, by the name others know the memory by, within bounds.
#include <algorithm>
#include <iterator>
#include <tuple>

#include "analyzers/link/frame.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {

namespace {

FactKey keyOf(const AccessFact& a, const Tables& tables) {
  auto pack = [](std::uint64_t high, std::uint64_t low) { return (high << 32) | low; };
  std::uint64_t flags = (static_cast<std::uint64_t>(a.kind) << 16) | (static_cast<std::uint64_t>(a.atomicity) << 12) |
                        (std::uint64_t{a.operation} << 1) | (std::uint64_t{a.frees} << 2) | a.thread << 24;
  return {pack(raw(a.path), tables.locksets.shape(a.held)), pack(raw(a.released), raw(a.joined)),
          pack(raw(a.acquired), raw(a.function)), a.live, flags, pack(raw(a.context), raw(a.phases)), raw(a.tasks)};
}

FactKey keyOf(const AcquireFact& a, const Tables& tables) {
  auto pack = [](std::uint64_t high, std::uint64_t low) { return (high << 32) | low; };
  std::uint64_t flags = (static_cast<std::uint64_t>(a.mode) << 8) | (static_cast<std::uint64_t>(a.wait) << 4) |
                        (std::uint64_t{a.always} << 1) | a.thread << 24;
  return {pack(raw(a.lock), tables.locksets.shape(a.held)), pack(raw(a.released), a.group),
          pack(raw(a.context), raw(a.function)), a.live, flags};
}

FactKey keyOf(const OperationFact& o, const Tables& tables) {
  auto pack = [](std::uint64_t high, std::uint64_t low) { return (high << 32) | low; };
  std::uint64_t flags = (static_cast<std::uint64_t>(o.kind) << 8) | o.thread << 24 | std::uint64_t{o.guessed};
  if (const auto* block = std::get_if<Block>(o.facts); block && o.kind == OperationFact::Kind::Block) {
    // One of a kind on a line is enough.
    return {pack(o.location.line, tables.locksets.shape(o.held)), pack(raw(o.released), raw(o.function)), static_cast<std::uint64_t>(llvm::hash_value(llvm::StringRef(block->what))), o.live,
            flags};
  }
  const bool callback = o.kind == OperationFact::Kind::Callback;
  return {pack(raw(o.object), tables.locksets.shape(o.held)), pack(raw(o.released), raw(o.lock)),
          callback ? raw(o.function) : pack(o.location.file, o.location.line) ^ std::uint64_t{o.location.column} << 52,
          o.live, flags};
}

/// The shorter way there is the better witness; among equals the first in the source.
template <typename Fact>
bool better(const Fact& a, const Fact& b, const Tables& tables) {
  auto la = tables.traces.length(a.trace), lb = tables.traces.length(b.trace);
  return la != lb ? la < lb : a.location < b.location;
}

/// Smaller is kept longer when a summary is over its limit.
std::uint32_t expendability(const AccessFact& a, const Tables& tables) {
  std::uint32_t score = tables.traces.length(a.trace);
  if (a.thread == kSelf && a.live == 0) score += 8;
  if (!a.writes()) score += 4;
  if (a.atomicity == Atomicity::Atomic && a.writes()) return 0;  // What orders others.
  if (a.atomicity == Atomicity::Atomic) score += 16;
  if (a.guessed) score += 8;
  return score;
}

}  // namespace

/// An object of this frame by the name that others know it by, if any.
PathId Frame::renamed(PathId path) {
  if (path == PathId::Unknown) return path;
  for (const auto& [cell, object] : aliases_.escapes) {
    if (tables_.paths.hasPrefix(path, object)) return tables_.paths.rebase(path, object, tables_.paths.deref(cell));
  }
  for (PathId object : aliases_.returned) {
    if (!tables_.paths.hasPrefix(path, object)) continue;
    PathId result = tables_.paths.root(Storage::Returned, FunctionIndex::None, Symbol::Empty, Symbol::Empty);
    return tables_.paths.rebase(path, object, result);
  }
  return path;
}

/// All the names by which others know an object of this frame, or `path` itself.
std::vector<PathId> Frame::namesOf(PathId path) {
  std::vector<PathId> names;
  for (const auto& [cell, object] : aliases_.escapes)
    if (tables_.paths.hasPrefix(path, object))
      names.push_back(tables_.paths.rebase(path, object, tables_.paths.deref(cell)));
  for (PathId object : aliases_.returned) {
    if (!tables_.paths.hasPrefix(path, object)) continue;
    names.push_back(tables_.paths.rebase(
        path, object, tables_.paths.root(Storage::Returned, FunctionIndex::None, Symbol::Empty, Symbol::Empty)));
  }
  if (names.empty()) names.push_back(path);
  return names;
}

PathSetId Frame::renamed(PathSetId set) {
  if (set == PathSetId::Empty || (aliases_.escapes.empty() && aliases_.returned.empty())) return set;
  std::vector<PathId> paths(tables_.pathSets[set].begin(), tables_.pathSets[set].end());
  for (PathId& path : paths) path = renamed(path);
  return tables_.pathSets.intern(std::move(paths));
}

/// Where threads of this frame meet by a local of it: what they do before and after may be to objects of callers', who
/// cannot name the local. This is a name that they can keep. Unknown for anything else.
PathId Frame::keptName(PathId path) {
  if (threads_.empty() || path == PathId::Unknown) return PathId::Unknown;
  if (tables_.paths.storage(path) != Storage::Local) return PathId::Unknown;
  const PathId local = tables_.paths[path].root;
  const std::string name = "$meeting " + std::to_string(raw(local));
  const PathId kept =
      tables_.paths.root(Storage::Global, FunctionIndex::None, tables_.symbols.intern(name), tables_.paths[local].name);
  return tables_.paths.rebase(path, local, kept);
}

/// Every name under which others know of what is signalled or waited for by `path`.
PathSetId Frame::meeting(PathId path) {
  const PathSetId known = tables_.pathSets.with(PathSetId::Empty, renamed(path));
  const PathId kept = keptName(path);
  return kept == PathId::Unknown ? known : tables_.pathSets.with(known, kept);
}

PathSetId Frame::meetings(PathSetId set) {
  PathSetId all = renamed(set);
  if (threads_.empty()) return all;
  for (PathId path : std::vector<PathId>(tables_.pathSets[set].begin(), tables_.pathSets[set].end()))
    if (const PathId kept = keptName(path); kept != PathId::Unknown) all = tables_.pathSets.with(all, kept);
  return all;
}

bool Frame::isDestructor(FunctionIndex f) const { return context_.bodies[f].facts->kind == Function::Kind::Destructor; }

void Frame::keep(AccessFact fact) {
  if (fact.atomicity == Atomicity::Atomic) {
    if (const PathId kept = keptName(fact.path); kept != PathId::Unknown) {
      AccessFact meeting = fact;
      meeting.path = kept;
      meeting.operation = true;
      meeting.facts = nullptr;
      keep(std::move(meeting));
    }
  }
  const PathId shared = renamed(fact.path);
  fact.own |= shared != fact.path;
  fact.path = shared;
  const bool ofThis = tables_.paths.storage(shared) == Storage::This;
  fact.ending |= isDestructor(self_) && ofThis;
  fact.beginning |= ofThis && fact.thread == kSelf && !tables_.paths.passes(shared, PathNode::Kind::Deref) &&
                    body_.facts->kind == Function::Kind::Constructor;
  const Storage storage = tables_.paths.storage(fact.path);
  if (storage == Storage::Unknown || storage == Storage::ThreadLocal || storage == Storage::Opaque) return;
  // No caller can name it, so none can hold the lock in it.
  if (!isRelative(tables_.paths, fact.path) && !isOwnOnly(fact.path) && isGuarded(fact.path)) checkGuards(fact);
  if (!isRelative(tables_.paths, fact.path) && threads_.empty() && !isBesideTasks(fact)) return;
  if (fact.context != ContextId::None) fact.context = relevant(fact.context, fact.path);
  if (tables_.paths.derefs(fact.path) > kMaxDerefs) return;
  const auto [slot, fresh] = accessIndex_.number(keyOf(fact, tables_));
  if (fresh) {
    accesses_.push_back(std::move(fact));
    return;
  }
  AccessFact& known = accesses_[slot];
  std::uint32_t places = known.places + (known.location == fact.location ? 0 : 1);
  const ThreadSet straight = known.straight | fact.straight;
  const PathSetId taken = tables_.pathSets.intersected(known.taken, fact.taken);
  if (better(fact, known, tables_)) known = std::move(fact);
  known.places = places;
  known.taken = taken;
  known.straight = straight;
}

void Frame::keep(OperationFact fact) {
  fact.object = renamed(fact.object);
  fact.lock = renamed(fact.lock);
  const auto [slot, fresh] = operationIndex_.number(keyOf(fact, tables_));
  if (fresh)
    operations_.push_back(std::move(fact));
  else if (better(fact, operations_[slot], tables_))
    operations_[slot] = std::move(fact);
}

void Frame::keep(AcquireFact fact) {
  fact.lock = renamed(fact.lock);
  if (fact.lock == PathId::Unknown) return;
  const auto [slot, fresh] = acquireIndex_.number(keyOf(fact, tables_));
  if (fresh)
    acquires_.push_back(std::move(fact));
  else if (better(fact, acquires_[slot], tables_))
    acquires_[slot] = std::move(fact);
}

bool Frame::isAlways(std::uint32_t block) {
  auto [slot, fresh] = always_.try_emplace(block, false);
  if (!fresh) return slot->second;
  std::vector<bool> seen(body_.blocks.size(), false);
  std::vector<std::uint32_t> work;
  if (block != 0) work.push_back(0);
  while (!work.empty()) {
    std::uint32_t b = work.back();
    work.pop_back();
    if (seen[b] || b == block) continue;
    seen[b] = true;
    work.insert(work.end(), body_.blocks[b].successors.begin(), body_.blocks[b].successors.end());
  }
  return slot->second = !seen[body_.exit];
}

SummaryLimits SummaryLimits::of(std::size_t functions) {
  auto share = [&](std::size_t all, std::size_t least, std::size_t most) {
    return std::clamp(all / std::max<std::size_t>(functions, 1), least, most);
  };
  return {share(30'000'000, 30, 1500), share(10'000'000, 10, 500), share(4'000'000, 10, 200)};
}

void Frame::limit() {
  limitOperations();
  if (accesses_.size() > context_.limits.accesses) limitAccesses();
  if (acquires_.size() > context_.limits.acquires) {
    std::sort(acquires_.begin(), acquires_.end(), [&](const AcquireFact& a, const AcquireFact& b) {
      auto key = [&](const AcquireFact& f) {
        return std::tuple(tables_.traces.length(f.trace), f.location, f.lock, f.thread, f.live, raw(f.held));
      };
      return key(a) < key(b);
    });
    dropped_.acquires += static_cast<std::uint32_t>(acquires_.size() - context_.limits.acquires);
    acquires_.resize(context_.limits.acquires);
  }
}

void Frame::limitOperations() {
  if (operations_.size() <= context_.limits.operations) return;
  std::sort(operations_.begin(), operations_.end(), [&](const OperationFact& a, const OperationFact& b) {
    auto key = [&](const OperationFact& f) {
      return std::tuple(tables_.traces.length(f.trace), f.location, f.kind, f.object, f.thread, f.live, raw(f.held));
    };
    return key(a) < key(b);
  });
  dropped_.operations += static_cast<std::uint32_t>(operations_.size() - context_.limits.operations);
  operations_.resize(context_.limits.operations);
}

/// Drops the least useful: first those that say again what a few others do, with the same locks at the same memory.
void Frame::limitAccesses() {
  auto key = [&](const AccessFact& f) {
    return std::tuple(expendability(f, tables_), f.location, f.path, f.thread, f.live, raw(f.held), raw(f.trace));
  };
  std::sort(accesses_.begin(), accesses_.end(),
            [&](const AccessFact& a, const AccessFact& b) { return key(a) < key(b); });
  std::map<std::tuple<PathId, ThreadNumber, AccessKind, std::uint32_t>, int> seen;
  auto repeats = [&](const AccessFact& f) {
    return ++seen[{f.path, f.thread, f.kind, tables_.locksets.shape(f.held)}] > kMaxRepeats;
  };
  std::vector<AccessFact> kept, repeated;
  for (AccessFact& fact : accesses_) (repeats(fact) ? repeated : kept).push_back(std::move(fact));
  const std::size_t total = accesses_.size();
  kept.insert(kept.end(), std::make_move_iterator(repeated.begin()), std::make_move_iterator(repeated.end()));
  kept.resize(std::min(kept.size(), context_.limits.accesses));
  accesses_ = std::move(kept);
  dropped_.accesses += static_cast<std::uint32_t>(total - accesses_.size());
}

std::vector<PathId> Frame::rootsMadeInLoops() const {
  std::vector<PathId> out;
  for (std::uint32_t b : order_) {
    if (!edgeJoins_->inLoop(b)) continue;
    for (const Step& step : body_.blocks[b].steps) {
      if (std::holds_alternative<Allocate>(*step.what)) out.push_back(step.path);
      if (step.call != Step::kNoCall && !body_.calls[step.call].spawn) out.push_back(body_.calls[step.call].result);
    }
  }
  return out;
}

/// Cuts the summary down to what callers can use.
/// Whether a model says that the function, or what it calls, may go on on another thread.
bool Frame::isMoved() const {
  for (std::uint32_t b : order_) {
    for (const Step& step : body_.blocks[b].steps) {
      const auto* suspend = std::get_if<Suspend>(step.what);
      if (suspend && suspend->resumes == Resumption::Anywhere) return true;
    }
  }
  for (const std::vector<Application>& group : applications_)
    for (const Application& app : group)
      if (!app.spawn && app.callee->migrates) return true;
  return false;
}

void Frame::finish() {
  limit();
  summary.migrates = isMoved();
  facts.shares = std::any_of(accesses_.begin(), accesses_.end(), [&](const auto& a) { return isBesideTasks(a); });
  if (keepAll || !threads_.empty() || facts.shares) {
    const bool shares = facts.shares;
    facts = {accesses_, acquires_, operations_, threads_, rootsMadeInLoops(), shares, std::move(facts.tasksAtEnd),
             std::move(facts.homes)};
  }
  for (const AccessFact& access : accesses_) {
    if (isRelative(tables_.paths, access.path)) summary.accesses.push_back(access);
  }
  summary.acquires = std::move(acquires_);
  summary.operations = std::move(operations_);
  summary.threads = threads_;
  for (ThreadFact& thread : summary.threads) {
    std::vector<PathId> names;
    for (PathId handle : thread.handles) {
      const std::vector<PathId> known = namesOf(handle);
      names.insert(names.end(), known.begin(), known.end());
    }
    std::erase_if(names, [&](PathId h) { return !isRelative(tables_.paths, h); });
    names.resize(std::min(names.size(), kMaxHandles));
    thread.handles = std::move(names);
  }
  std::vector<PathId> joins;
  for (PathId h : tables_.pathSets[summary.joins]) {
    if (tables_.paths.storage(h) == Storage::Opaque) joins.push_back(h);
    if (isRelative(tables_.paths, renamed(h))) joins.push_back(renamed(h));
  }
  summary.joins = tables_.pathSets.intern(std::move(joins));
  markCommon();
  summary.accesses.shrink_to_fit();
  summary.acquires.shrink_to_fit();
  summary.operations.shrink_to_fit();
  summary.commonCalls.shrink_to_fit();
  summary.dropped = dropped_;
  summary.done = true;
}

}  // namespace deadheat
