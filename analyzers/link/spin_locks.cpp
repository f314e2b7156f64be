#include "analyzers/link/spin_locks.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

constexpr int kMaxHelpers = 3;  ///< Calls from a lock function to the atomic that it spins on.

enum class Part : std::uint8_t { None, Lock, Try, Unlock };

llvm::StringRef plainName(std::string_view name) {
  const std::size_t scope = name.rfind("::");
  return llvm::StringRef(scope == std::string_view::npos ? name : name.substr(scope + 2));
}

Part partOf(llvm::StringRef name) {
  for (const char* other : {"block", "clock"})
    if (name.ends_with_insensitive(other)) return Part::None;
  if (name.ends_with_insensitive("unlock") || name.starts_with_insensitive("unlock")) return Part::Unlock;
  if (!name.ends_with_insensitive("lock") && !name.starts_with_insensitive("lock")) return Part::None;
  return name.contains_insensitive("try") ? Part::Try : Part::Lock;
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

/// The value is the object of the function itself.
bool isOwnObject(const Value& value) {
  const bool bare = value.path.steps.empty() || (value.kind == Value::Kind::AddressOf && value.path.steps.size() == 1);
  return bare && (value.path.root.kind == RootKind::This ||
                  (value.path.root.kind == RootKind::Parameter && value.path.root.index == 0));
}

template <typename Visit>
void eachEvent(const Function& function, Visit visit) {
  for (const BasicBlock& block : function.blocks)
    for (const Event& event : block.events) visit(event.what);
}

bool dealsWithKnownLocks(const Function& function) {
  bool any = !function.contracts.all.empty();
  eachEvent(function, [&](const EventKind& what) {
    any |= std::holds_alternative<Acquire>(what) || std::holds_alternative<Release>(what);
  });
  return any;
}

/// The object whose atomic is changed in the function as `part` does it.
std::optional<Path> spunOn(const Function& function, Part part) {
  std::optional<Path> object;
  eachEvent(function, [&](const EventKind& what) {
    const auto* access = std::get_if<Access>(&what);
    if (object || !access || access->atomicity != Atomicity::Atomic) return;
    const bool fits = access->kind == AccessKind::ReadWrite || (part == Part::Unlock && access->kind == AccessKind::Write);
    if (fits) object = owner(access->path);
  });
  return object;
}

/// What makes two functions deal with one kind of lock: the class, or the type of the first parameter.
std::string kindOf(const Function& function) {
  if (!function.record.empty() && !function.isStatic) return function.record;
  return function.parameters.empty() ? std::string() : "*" + function.parameters[0].type;
}

class Inference {
 public:
  explicit Inference(std::vector<TuFacts>& units) {
    for (TuFacts& unit : units) {
      for (Function& function : unit.functions) {
        if (!function.contracts.all.empty()) promised_.insert(kindOf(function));
        if (function.isDeclaration || function.blocks.empty()) continue;
        byId_[function.id].push_back(&function);
        if (partOf(plainName(function.name)) != Part::None) named_.push_back(&function);
      }
    }
  }

  void run() {
    for (Function* function : named_) {
      const Part part = partOf(plainName(function->name));
      if (dealsWithKnownLocks(*function) || promised_.contains(kindOf(*function))) continue;
      std::set<const Function*> helpers;
      if (const auto object = findObject(*function, part, kMaxHelpers, helpers)) found_.push_back({function, part, *object, helpers});
    }
    for (const Found& one : found_) ids_.insert(one.function->id);
    std::map<std::string, std::set<Part>> parts;
    for (const Found& one : found_) parts[kindOf(*one.function)].insert(one.part);
    for (Found& one : found_) {
      const std::set<Part>& all = parts[kindOf(*one.function)];
      const bool takes = all.contains(Part::Lock) || all.contains(Part::Try);
      const bool isOfClass = one.object.root.kind == RootKind::This;
      if (one.part == Part::Unlock ? takes : !isOfClass || all.contains(Part::Unlock)) add(one);
    }
  }

 private:
  struct Found {
    Function* function;
    Part part;
    Path object;
    std::set<const Function*> helpers;  ///< Functions on the way to the atomic.
  };

  /// As spunOn, also in functions that are called on the same object. Nothing if one of those deals with a known lock.
  std::optional<Path> findObject(const Function& function, Part part, int depth, std::set<const Function*>& helpers) const {
    if (const auto own = spunOn(function, part)) return own;
    if (depth == 0) return std::nullopt;
    std::optional<Path> object;
    bool isWrapper = false;
    eachEvent(function, [&](const EventKind& what) {
      const Value* on = ownObjectOf(what);
      auto found = on ? byId_.find(std::get<Call>(what).callee.function) : byId_.end();
      if (found == byId_.end()) return;
      const Function& callee = *found->second.front();
      isWrapper |= dealsWithKnownLocks(callee);
      if (object || !helpers.insert(&callee).second) return;
      if (findObject(callee, part, depth - 1, helpers)) object = owner(on->path.root.kind == RootKind::This ? on->path : deref(on->path));
    });
    return isWrapper ? std::nullopt : object;
  }

  /// What a call on the function's own object names it by; null for anything else.
  static const Value* ownObjectOf(const EventKind& what) {
    const auto* call = std::get_if<Call>(&what);
    if (!call || call->callee.kind == Callee::Kind::Indirect) return nullptr;
    const Value* on = call->receiver ? &*call->receiver : call->arguments.empty() ? nullptr : &call->arguments[0];
    return on && isOwnObject(*on) ? on : nullptr;
  }

  /// What functions on the way to the atomic do to the lock, the function is said to do as a whole.
  void dropSteps(Function& function) const {
    for (BasicBlock& block : function.blocks)
      std::erase_if(block.events, [&](const Event& event) {
        return ownObjectOf(event.what) && ids_.contains(std::get<Call>(event.what).callee.function);
      });
  }

  static Path deref(const Path& path) { return path.steps.empty() ? Path(path).then(PathStep::deref()) : path; }

  /// Looks at the lock's memory to see whether it is worth trying are no accesses to data, and pauses until it is are part
  /// of taking it.
  void dropTrying(const FunctionId& id) const {
    auto found = byId_.find(id);
    if (found == byId_.end()) return;
    for (Function* function : found->second) {
      const std::optional<Path> object = spunOn(*function, Part::Lock);
      for (BasicBlock& block : function->blocks)
        std::erase_if(block.events, [&](const Event& event) {
          const auto* access = std::get_if<Access>(&event.what);
          const bool looks = access && object && access->kind == AccessKind::Read && access->path == *object;
          return looks || std::holds_alternative<Block>(event.what) || std::holds_alternative<Awaited>(event.what);
        });
    }
  }

  void add(Found& one) const {
    const Location location = placeIn(*one.function);
    dropSteps(*one.function);
    if (one.part == Part::Unlock) {
      Release release;
      release.lock = one.object;
      std::vector<Event>& events = one.function->blocks[0].events;
      events.insert(events.begin(), {location, std::move(release)});
      return;
    }
    dropTrying(one.function->id);
    for (const Function* helper : one.helpers) dropTrying(helper->id);
    Acquire acquire;
    acquire.lock = one.object;
    acquire.type = "spin lock";
    if (isForReaders(plainName(one.function->name))) acquire.mode = LockMode::Shared;
    if (one.part == Part::Lock) {
      one.function->blocks[one.function->exit].events.push_back({location, std::move(acquire)});
      return;
    }
    acquire.wait = LockWait::Try;
    divideReturns(*one.function, {location, std::move(acquire)});
  }

  static Location placeIn(const Function& function) {
    for (const BasicBlock& block : function.blocks)
      if (!block.events.empty()) return block.events.front().location;
    return function.location;
  }

  /// Every return whose truth is not known becomes two: one that is true and has the lock, and one that is false.
  static void divideReturns(Function& function, const Event& acquire) {
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
      function.blocks[b].branch.reset();
      function.blocks[b].successors = {static_cast<std::uint32_t>(function.blocks.size()),
                                       static_cast<std::uint32_t>(function.blocks.size() + 1)};
      for (BasicBlock& way : ways) function.blocks.push_back(std::move(way));
    }
  }

  std::map<FunctionId, std::vector<Function*>> byId_;
  std::vector<Function*> named_;
  std::vector<Found> found_;
  std::set<FunctionId> ids_;         ///< Of them.
  std::set<std::string> promised_;  ///< Kinds whose attributes say what they do.
};

}  // namespace

void inferSpinLocks(std::vector<TuFacts>& units) { Inference(units).run(); }

}  // namespace deadheat
