#include "analyzers/link/scopes.h"

#include <algorithm>
#include <map>
#include <set>

#include "analyzers/link/executor_turns.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

constexpr std::size_t kMaxClassAccesses = 20000;

class Builder {
 public:
  explicit Builder(const LinkContext& context) : context_(context) {
    for (std::uint32_t i = 0; i < context.bodies.functions.size(); ++i) {
      const Function& f = *context.bodies.functions[i].facts;
      const bool isCopy = context.bodies.functions[i].original != FunctionIndex::None;
      if (!f.record.empty() && !isCopy) methods_[f.record].push_back(static_cast<FunctionIndex>(i));
    }
    for (const auto& [record, methods] : methods_) {
      if (ownsLock(methods)) lockOwners_.insert(record);
    }
  }

  std::vector<Scope> build(std::vector<FrameFacts> frames) {
    for (std::uint32_t i = 0; i < frames.size(); ++i) addFrame(static_cast<FunctionIndex>(i), std::move(frames[i]));
    assignTurns(scopes_, context_.bodies, context_.tables);
    for (std::size_t i = 1; i < scopes_.size(); ++i) {
      if (scopes_[i].isMain) std::swap(scopes_[0], scopes_[i]);
    }
    for (const auto& [record, methods] : methods_) addClass(std::string(record));
    addLibrary();
    return std::move(scopes_);
  }

 private:
  /// Functions that anybody may call, with their actors.
  struct Callers {
    std::vector<FunctionIndex> entries;
    std::vector<std::uint32_t> actors;
    void add(FunctionIndex f, std::uint32_t actor) {
      entries.push_back(f);
      actors.push_back(actor);
    }
  };

  const Function& facts(FunctionIndex f) const { return *context_.bodies[f].facts; }
  const PathTable& paths() const { return context_.tables.paths; }
  bool isMain(FunctionIndex f) const { return facts(f).kind == Function::Kind::Free && facts(f).name == "main"; }

  /// Nobody was seen to call it, other than itself.
  bool isWhole(FunctionIndex f) const { return isMain(f) || !context_.calls.isCalled(f); }

  /// A lock that is part of the object, not one it points to.
  bool isOwnLock(PathId lock) const {
    return lock != PathId::Unknown && paths().storage(lock) == Storage::This && !paths().isRoot(lock) &&
           !paths().passes(lock, PathNode::Kind::Deref);
  }
  /// Its methods hand a lock to their callers and take it back: the class is a lock itself.
  bool isLock(const std::vector<FunctionIndex>& methods) const {
    bool takes = false, gives = false;
    for (FunctionIndex f : methods) {
      const Summary& s = context_.summaries[raw(f)];
      const auto held = context_.tables.locksets[s.heldAtExit];
      const auto given = context_.tables.pathSets[s.releasedAtExit];
      // What is given back and taken again is neither.
      takes |= std::any_of(held.begin(), held.end(), [&](const HeldLock& lock) {
        return !context_.tables.pathSets.contains(s.releasedAtExit, lock.lock);
      });
      gives |= std::any_of(given.begin(), given.end(), [&](PathId lock) {
        return !context_.tables.locksets.find(s.heldAtExit, lock);
      });
    }
    return takes && gives;
  }

  /// A method takes a lock that is a member, or works on the object under a lock that the caller hands in.
  bool usesLock(FunctionIndex f, bool isLock) const {
    const Summary& s = context_.summaries[raw(f)];
    if (facts(f).kind == Function::Kind::Lambda) return false;
    const bool takes = std::any_of(s.acquires.begin(), s.acquires.end(), [&](const AcquireFact& a) {
      return a.thread == kSelf && !a.once && isOwnLock(a.lock);
    });
    const bool keeps = s.heldAtExit != LocksetId::Empty || s.heldIfTrue != LocksetId::Empty ||
                       s.heldIfFalse != LocksetId::Empty;
    if (takes && !(keeps && isLock)) return true;
    return !isLock && std::any_of(s.accesses.begin(), s.accesses.end(), [&](const AccessFact& a) {
      if (a.thread != kSelf || paths().storage(a.path) != Storage::This) return false;
      const auto held = context_.tables.locksets[a.held];
      return std::any_of(held.begin(), held.end(), [&](const HeldLock& lock) {
        return lock.hold != Hold::Passed && paths().storage(lock.lock) == Storage::Parameter;
      });
    });
  }

  bool ownsLock(const std::vector<FunctionIndex>& methods) const {
    const bool lock = isLock(methods);
    return std::any_of(methods.begin(), methods.end(), [&](FunctionIndex f) { return usesLock(f, lock); });
  }

  static bool isFrameOwned(Storage s) {
    return s == Storage::Local || s == Storage::Allocation || s == Storage::Result;
  }

  void addFrame(FunctionIndex f, FrameFacts facts) {
    if (facts.threads.empty()) return;
    Scope scope;
    scope.frame = f;
    scope.whole = isWhole(f);
    scope.isMain = isMain(f);
    scope.perTurn = std::move(facts.perTurn);
    scope.actors.push_back({Actor::Kind::Frame, f, false, kSelf, FunctionIndex::None, {}});
    for (std::size_t t = 0; t < facts.threads.size(); ++t) {
      Actor actor{Actor::Kind::Thread,          facts.threads[t].entry,   facts.threads[t].many,
                  static_cast<ThreadNumber>(t), facts.threads[t].spawner, facts.threads[t]};
      scope.actors.push_back(std::move(actor));
    }
    std::set<PathId> touched;  // Roots of this frame that its threads reach.
    for (const AccessFact& access : facts.accesses) {
      if (access.thread != kSelf) touched.insert(paths()[access.path].root);
    }
    for (AccessFact& access : facts.accesses) {
      const bool ofFrame = isFrameOwned(paths().storage(access.path));
      if (!scope.whole && !ofFrame) continue;
      if (ofFrame && !touched.contains(paths()[access.path].root)) continue;
      if (access.thread == kSelf && access.live == 0) continue;
      std::uint32_t actor = access.thread == kSelf ? 0 : access.thread + 1u;
      scope.accesses.push_back({std::move(access), actor});
    }
    for (AcquireFact& acquire : facts.acquires) {
      if (!scope.whole && !isFrameOwned(paths().storage(acquire.lock))) continue;
      std::uint32_t actor = acquire.thread == kSelf ? 0 : acquire.thread + 1u;
      scope.acquisitions.push_back({std::move(acquire), actor});
    }
    for (OperationFact& operation : facts.operations) {
      std::uint32_t actor = operation.thread == kSelf ? 0 : operation.thread + 1u;
      scope.operations.push_back({std::move(operation), actor});
    }
    addBelowFrame(scope);
    scopes_.push_back(std::move(scope));
  }

  /// What the frame's own thread does below it while no other runs.
  void addBelowFrame(Scope& scope) {
    CommonWalk below(context_.summaries, context_.common, context_.tables, scope.frame);
    if (scope.whole) {
      below.acquires([&](const AcquireFact& acquire, std::uint32_t) { scope.acquisitions.push_back({acquire, 0}); });
    }
    below.operations([&](const OperationFact& operation, std::uint32_t) { scope.operations.push_back({operation, 0}); });
  }

  /// The class and its bases, nearest first.
  std::vector<std::string> family(const std::string& record) const {
    std::vector<std::string> all{record};
    for (std::size_t i = 0; i < all.size() && all.size() < 16; ++i) {
      auto found = context_.bodies.records.find(all[i]);
      if (found == context_.bodies.records.end()) continue;
      for (const std::string& base : found->second->bases) {
        if (std::find(all.begin(), all.end(), base) == all.end()) all.push_back(base);
      }
    }
    return all;
  }

  /// The name says that the caller is expected to hold the lock.
  static bool expectsLock(llvm::StringRef name) {
    name = name.rsplit("::").second.empty() ? name : name.rsplit("::").second;
    return name.ends_with_insensitive("locked") || name.ends_with_insensitive("lockheld") ||
           name.ends_with_insensitive("nolock") || name.ends_with_insensitive("no_lock");
  }

  /// A class without a lock of its own whose objects are used under locks of those who have them: a method that nobody
  /// was seen to call would be, too.
  bool isGuardedByOwners(const Function& f) const {
    return !f.record.empty() && !lockOwners_.contains(f.record) && context_.calls.isGuardedFromOutside(f.record);
  }

  bool isEntry(FunctionIndex f) const {
    const Function& fact = facts(f);
    if (fact.kind != Function::Kind::Method || fact.isStatic || fact.reach == Function::Reach::Private) return false;
    if (llvm::StringRef(fact.name).contains("::operator=") || expectsLock(fact.name)) return false;
    if (fact.reach == Function::Reach::Protected && !fact.isVirtual) return false;
    return isWhole(f) ? !isGuardedByOwners(fact) : context_.calls.isEnteredBare(f);
  }

  void addClass(const std::string& record) {
    Scope scope;
    scope.kind = Scope::Kind::Class;
    scope.record = record;
    Callers callers;
    bool owns = false, threads = false;
    std::set<std::string_view> overridden;  // By id: a call on such an object reaches the nearest method.
    std::vector<FunctionIndex> methods;
    for (const std::string& name : family(record)) {
      auto found = methods_.find(name);
      if (found == methods_.end()) continue;
      owns |= lockOwners_.contains(name);
      for (FunctionIndex f : found->second) {
        overridden.insert(facts(f).overrides.begin(), facts(f).overrides.end());
        if (!overridden.contains(facts(f).id)) methods.push_back(f);
      }
    }
    for (FunctionIndex f : methods) threads |= addThreads(scope, f);
    // What the object runs in a thread of its own is public for the sake of that thread.
    std::set<FunctionIndex> own;
    for (const Actor& actor : scope.actors) own.insert(actor.entry);
    for (FunctionIndex f : methods) {
      if (isEntry(f) && !own.contains(f)) callers.add(f, addCaller(scope, f));
      if (isEntry(f) || isOpenConstructor(f)) addOnArguments(scope, f);
    }
    if (!(owns || threads) || scope.accesses.empty()) return;
    addBelow(scope, callers, {});
    scopes_.push_back(std::move(scope));
  }

  static void addOperations(Scope& scope, const Summary& summary, ThreadNumber thread, std::uint32_t actor) {
    for (const OperationFact& operation : summary.operations) {
      if (operation.thread == thread) scope.operations.push_back({operation, actor});
    }
  }

  /// Locks and operations of whoever calls the function.
  void addSelf(Scope& scope, FunctionIndex f, std::uint32_t actor) {
    const Summary& summary = context_.summaries[raw(f)];
    for (const AcquireFact& acquire : summary.acquires) {
      if (acquire.thread == kSelf) scope.acquisitions.push_back({acquire, actor});
    }
    addOperations(scope, summary, kSelf, actor);
  }

  /// The same of what reads alike in all callers, as the nearest of `callers` comes to it.
  void addBelow(Scope& scope, const Callers& callers, CommonLimits limits) {
    CommonWalk below(context_.summaries, context_.common, context_.tables, callers.entries, limits);
    below.acquires([&](const AcquireFact& acquire, std::uint32_t root) {
      scope.acquisitions.push_back({acquire, callers.actors[root]});
    });
    below.operations([&](const OperationFact& operation, std::uint32_t root) {
      scope.operations.push_back({operation, callers.actors[root]});
    });
  }

  std::uint32_t addCaller(Scope& scope, FunctionIndex f) {
    const Summary& summary = context_.summaries[raw(f)];
    auto actor = static_cast<std::uint32_t>(scope.actors.size());
    scope.actors.push_back({Actor::Kind::AnyCaller, f, true, kSelf, FunctionIndex::None, {}});
    for (const AccessFact& access : summary.accesses) {
      if (access.thread != kSelf || scope.accesses.size() >= kMaxClassAccesses) continue;
      if (paths().storage(access.path) == Storage::This) scope.accesses.push_back({access, actor});
    }
    addSelf(scope, f, actor);
    return actor;
  }

  bool isOpenConstructor(FunctionIndex f) const {
    return facts(f).kind == Function::Kind::Constructor && facts(f).reach == Function::Reach::Public;
  }

  /// `const ns::Account &` names `ns::Account` or, as people write it, `Account`.
  static bool isReferenceTo(llvm::StringRef type, llvm::StringRef record) {
    if (!type.ends_with("&") && !type.ends_with("*")) return false;
    type = type.drop_back().trim();
    type.consume_front("const ");
    return type == record || record.ends_with("::" + type.str());
  }

  /// Other objects of the class that a method is given: some other thread may be in a method of theirs.
  void addOnArguments(Scope& scope, FunctionIndex f) {
    const Function& function = facts(f);
    for (std::uint32_t i = 0; i < function.parameters.size(); ++i) {
      if (isReferenceTo(function.parameters[i].type, scope.record)) addOnArgument(scope, f, i);
    }
  }

  void addOnArgument(Scope& scope, FunctionIndex f, std::uint32_t index) {
    PathTable& table = context_.tables.paths;
    const PathId object = table.deref(table.root(Storage::Parameter, f, Symbol::Empty, Symbol::Empty, index));
    const PathId self =
        table.root(Storage::This, FunctionIndex::None, Symbol::Empty, context_.tables.symbols.intern("this"));
    auto actor = static_cast<std::uint32_t>(scope.actors.size());
    Actor caller{Actor::Kind::AnyCaller, f, true, kSelf, FunctionIndex::None, {}};
    caller.onArgument = true;
    scope.actors.push_back(std::move(caller));
    for (AccessFact access : context_.summaries[raw(f)].accesses) {
      if (access.thread != kSelf || scope.accesses.size() >= kMaxClassAccesses) continue;
      if (!table.hasPrefix(access.path, object)) continue;
      access.path = table.rebase(access.path, object, self);
      std::vector<HeldLock> held;
      for (HeldLock lock : context_.tables.locksets[access.held]) {
        if (paths().storage(lock.lock) == Storage::This) continue;  // Of the object that has the method.
        if (table.hasPrefix(lock.lock, object)) lock.lock = table.rebase(lock.lock, object, self);
        held.push_back(lock);
      }
      access.held = context_.tables.locksets.intern(std::move(held));
      scope.accesses.push_back({std::move(access), actor});
    }
  }

  /// A method of the class or its bases, or a lambda in one.
  bool isOfClass(FunctionIndex f, const std::string& record) const {
    for (const std::string& name : family(record)) {
      if (facts(f).record == name || llvm::StringRef(facts(f).name).starts_with(name + "::")) return true;
    }
    return false;
  }

  /// The threads that a method or constructor starts and the object keeps.
  bool addThreads(Scope& scope, FunctionIndex f) {
    const Summary& summary = context_.summaries[raw(f)];
    const Function::Kind kind = facts(f).kind;
    if (kind == Function::Kind::Lambda || facts(f).isStatic) return false;
    bool any = false;
    for (std::size_t t = 0; t < summary.threads.size(); ++t) {
      if (!(summary.liveAtExit & threadBit(static_cast<ThreadNumber>(t))) || summary.threads[t].interleaves()) continue;
      if (isHandler(context_.tables, summary.threads[t].handles)) continue;  // Who runs it is seen in main.
      bool touches = std::any_of(summary.accesses.begin(), summary.accesses.end(), [&](const AccessFact& a) {
        return a.thread == t && paths().storage(a.path) == Storage::This;
      });
      if (!touches || !isOfClass(summary.threads[t].spawner, scope.record)) continue;
      any = true;
      auto actor = static_cast<std::uint32_t>(scope.actors.size());
      scope.actors.push_back({Actor::Kind::Thread, summary.threads[t].entry, summary.threads[t].many,
                              static_cast<ThreadNumber>(t), f, summary.threads[t]});
      for (const AccessFact& access : summary.accesses) {
        if (access.thread == t && paths().storage(access.path) == Storage::This)
          scope.accesses.push_back({access, actor});
      }
      for (const AcquireFact& acquire : summary.acquires) {
        if (acquire.thread == t) scope.acquisitions.push_back({acquire, actor});
      }
      addOperations(scope, summary, static_cast<ThreadNumber>(t), actor);
    }
    return any;
  }

  bool inLibrary(FunctionIndex f) const {
    const Function& fact = facts(f);
    if (isMain(f) || fact.kind == Function::Kind::GlobalInit || fact.kind == Function::Kind::Constructor ||
        fact.kind == Function::Kind::Destructor) {
      return false;
    }
    if (!fact.record.empty() && lockOwners_.contains(fact.record) && isEntry(f)) return true;
    return isWhole(f) && !expectsLock(fact.name) && fact.kind != Function::Kind::Lambda && !isGuardedByOwners(fact);
  }

  void addLibrary() {
    Scope scope;
    scope.kind = Scope::Kind::Library;
    Callers all, whole;
    for (std::uint32_t i = 0; i < context_.summaries.size(); ++i) {
      auto f = static_cast<FunctionIndex>(i);
      const Summary& summary = context_.summaries[i];
      if (!inLibrary(f) || !(summary.hasAcquires() || summary.hasAccesses() || summary.hasOperations())) continue;
      auto actor = static_cast<std::uint32_t>(scope.actors.size());
      scope.actors.push_back({Actor::Kind::AnyCaller, f, true, kSelf, FunctionIndex::None, {}});
      for (const AccessFact& access : summary.accesses) {
        if (access.thread != kSelf || !isWhole(f)) continue;
        if (paths().storage(access.path) == Storage::Global) scope.accesses.push_back({access, actor});
      }
      addSelf(scope, f, actor);
      all.add(f, actor);
      if (isWhole(f)) whole.add(f, actor);
    }
    CommonWalk(context_.summaries, context_.common, context_.tables, whole.entries, CommonLimits::none())
        .accesses([&](const AccessFact& access, std::uint32_t root) {
          if (paths().storage(access.path) == Storage::Global) scope.accesses.push_back({access, whole.actors[root]});
        });
    addBelow(scope, all, CommonLimits::none());
    if (!scope.actors.empty()) scopes_.push_back(std::move(scope));
  }

  const LinkContext& context_;
  std::map<std::string_view, std::vector<FunctionIndex>> methods_;
  std::set<std::string_view> lockOwners_;
  std::vector<Scope> scopes_;
};

}  // namespace

std::vector<Scope> buildScopes(const LinkContext& context, std::vector<FrameFacts> frames) {
  return Builder(context).build(std::move(frames));
}

}  // namespace deadheat
