// lock-order: threads that take the same locks in different orders and can wait for each other in a circle.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analyzers/checks/check.h"
#include "analyzers/checks/lock_graph.h"
#include "analyzers/checks/open_calls.h"
#include "analyzers/checks/witness.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

/// Index and parameter names by which people say that they lock in a fixed order.
bool saysOrdered(llvm::StringRef name) {
  for (llvm::StringRef word : {"first", "second", "lo", "hi", "low", "high", "lower", "higher", "upper", "min", "max",
                               "smaller", "larger", "bigger", "begin", "end"}) {
    if (name.equals_insensitive(word)) return true;
  }
  return false;
}

bool isWordPart(char c) { return c == '_' || (c >= '0' && c <= '9') || llvm::isAlpha(c); }

/// Whether `name` stands in `text` as a word.
bool hasWord(llvm::StringRef text, llvm::StringRef name) {
  if (name.empty()) return false;
  for (std::size_t at = text.find(name); at != llvm::StringRef::npos; at = text.find(name, at + 1)) {
    const bool begins = at == 0 || !isWordPart(text[at - 1]);
    const std::size_t end = at + name.size();
    if (begins && (end == text.size() || !isWordPart(text[end]))) return true;
  }
  return false;
}

/// Whether `condition` asks which of two things comes first.
bool comparesOrder(std::string condition) {
  for (std::size_t arrow = condition.find("->"); arrow != std::string::npos; arrow = condition.find("->")) {
    condition.replace(arrow, 2, "..");
  }
  return condition.find_first_of("<>") != std::string::npos;
}

class Reporter {
 public:
  explicit Reporter(const Program& program) : program_(program), open_(program) {
    for (const Scope& scope : program.scopes()) {
      if (!scope.isMain) continue;
      std::set<Location> places;
      for (const LockAcquisition& a : scope.acquisitions) places.insert(a.fact.location);
      known_.push_back(std::move(places));
    }
  }

  void add(const Scope& scope) {
    const LockGraph exact(program_, scope, LockNaming::Exact);
    const LockGraph byType(program_, scope, LockNaming::ByType);
    if (scope.kind != Scope::Kind::Library) addCycles(scope, exact, LockNaming::Exact);
    addCycles(scope, byType, LockNaming::ByType);
    addSelfEdges(scope, scope.kind == Scope::Kind::Library ? byType.selfEdges() : exact.selfEdges());
  }

  void addCycles(const Scope& scope, const LockGraph& graph, LockNaming naming) {
    for (const std::vector<LockEdge>& cycle : graph.cycles()) {
      if (scope.kind == Scope::Kind::Frame || !isKnown(cycle)) keep(finding(cycle, naming));
    }
  }

  std::vector<Finding> findings() {
    std::vector<Finding> out;
    for (auto& [key, finding] : best_) out.push_back(std::move(finding));
    return out;
  }

 private:
  const PathTable& paths() const { return program_.tables().paths; }

  /// Seen with the real threads of a main, which decide.
  bool isKnown(const std::vector<LockEdge>& cycle) const {
    return std::any_of(known_.begin(), known_.end(), [&](const std::set<Location>& places) {
      return std::all_of(cycle.begin(), cycle.end(),
                         [&](const LockEdge& e) { return places.contains(e.want->fact.location); });
    });
  }

  void keep(Finding finding) {
    auto key = std::tuple(finding.subjects, finding.functions);
    auto [slot, fresh] = best_.try_emplace(key, finding);
    if (!fresh && finding.confidence > slot->second.confidence) slot->second = std::move(finding);
  }

  std::string edgeText(const LockEdge& e) const {
    return quoted(program_.functionName(e.want->fact.function)) + " waits for " +
           quoted(nameOf(program_, e.want->fact.lock)) + " while holding " + quoted(nameOf(program_, e.held.lock));
  }

  void describe(Finding& out, const std::vector<LockEdge>& edges) const {
    std::set<std::string> locks, functions;
    for (const LockEdge& e : edges) {
      const AcquireFact& want = e.want->fact;
      const HoldSite& since = program_.tables().holdSites[e.held.since];
      locks.insert(nameOf(program_, e.held.lock));
      locks.insert(nameOf(program_, want.lock));
      functions.insert(program_.functionName(want.function));
      out.witness.push_back(witnessThread(program_, e.scope, e.want->actor, want, acquireStep(program_, want)));
      out.sites.push_back({Site::Kind::Acquire, program_.point(want.location), program_.functionName(want.function),
                           program_.point(since.location)});
    }
    out.check = "lock-order";
    out.location = out.sites.front().point;
    out.subjects.assign(locks.begin(), locks.end());
    out.functions.assign(functions.begin(), functions.end());
  }

  bool hasElement(const LockEdge& e) const {
    return paths().passes(e.held.lock, PathNode::Kind::Element) ||
           paths().passes(e.want->fact.lock, PathNode::Kind::Element);
  }

  Finding finding(const std::vector<LockEdge>& cycle, LockNaming naming) {
    Finding out;
    describe(out, cycle);
    out.message = "Lock-order cycle: ";
    for (std::size_t i = 0; i < cycle.size(); ++i) out.message += (i == 0 ? "" : "; ") + edgeText(cycle[i]);
    switch (cycle.front().scope->kind) {
      case Scope::Kind::Frame:
        out.confidence = Confidence::High;
        out.confidenceReason = "the threads and the locks they share are known";
        if (naming == LockNaming::ByType) {
          out.confidence = Confidence::Medium;
          out.confidenceReason = "the threads are known; that they meet at the same objects is assumed";
        } else if (std::any_of(cycle.begin(), cycle.end(), [&](const LockEdge& e) { return hasElement(e); })) {
          out.confidence = Confidence::Medium;
          out.confidenceReason = "the threads are known; that they meet at the same elements is assumed";
        }
        break;
      case Scope::Kind::Class:
        out.confidence = Confidence::Medium;
        out.confidenceReason = "the public methods are assumed to be called on one object from several threads";
        break;
      case Scope::Kind::Library:
        out.confidence = Confidence::Medium;
        out.confidenceReason = "the functions are assumed to be called from several threads on the same objects";
        break;
    }
    const auto guesses = std::count_if(cycle.begin(), cycle.end(), [&](const LockEdge& e) {
      return open_.leadTo(e.want->fact.trace, Callee::Kind::Virtual);
    });
    if (guesses > 1) {
      out.confidence = Confidence::Low;
      out.confidenceReason = "virtual calls on several sides may reach other classes' methods instead";
    }
    if (std::all_of(cycle.begin(), cycle.end(), [&](const LockEdge& e) { return isCompared(e); })) {
      out.confidence = Confidence::Low;
      out.confidenceReason = "the code seems to order the objects first, which cannot be followed";
    }
    out.fixHint = "Take the locks in one order everywhere, or together with std::scoped_lock.";
    return out;
  }

  /// The step where two locks of one kind part: different parameters, or different indices.
  bool areDistinct(PathId a, PathId b, bool& ordered) const {
    const std::vector<PathId> x = paths().prefixes(a), y = paths().prefixes(b);
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
      if (x[i] == y[i]) continue;
      const PathNode& s = paths()[x[i]];
      const PathNode& t = paths()[y[i]];
      const Symbols& symbols = program_.tables().symbols;
      if (s.kind == PathNode::Kind::Element && t.kind == PathNode::Kind::Element) {
        ordered = saysOrdered(symbols.text(s.name)) || saysOrdered(symbols.text(t.name));
        if (paths().isConstantIndex(s.name) && paths().isConstantIndex(t.name)) ordered = true;
        return s.name != Symbol::Empty && t.name != Symbol::Empty;
      }
      auto isFormal = [](Storage k) { return k == Storage::Parameter || k == Storage::This; };
      ordered = saysOrdered(symbols.text(s.record)) || saysOrdered(symbols.text(t.record));
      return s.kind == PathNode::Kind::Root && t.kind == PathNode::Kind::Root && isFormal(s.storage) &&
             isFormal(t.storage);
    }
    return false;
  }

  /// What `f` calls the variables by which it reaches the locks it takes.
  std::set<std::string> lockNames(FunctionIndex f) const {
    std::set<std::string> names;
    const Body& body = program_.bodies()[f];
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        const bool acquires = std::holds_alternative<Acquire>(*step.what);
        const bool guards = std::holds_alternative<Assign>(*step.what) && step.path != PathId::Unknown &&
                            llvm::StringRef(program_.tables().symbols.text(paths()[step.path].name)).starts_with("$lock");
        const PathId lock = acquires ? step.path : guards ? step.value.path : PathId::Unknown;
        if (lock == PathId::Unknown) continue;
        const std::string name = program_.text(paths()[lock].root);
        names.insert(name.substr(0, name.find('#')));
      }
    }
    return names;
  }

  /// Some branch of `f` asks which of two objects comes first that it locks, or was given and are of one type, whatever
  /// the measure.
  bool ordersItsObjects(FunctionIndex f) const {
    if (f == FunctionIndex::None) return false;
    const std::set<std::string> names = lockNames(f);
    for (const LinkedBranch& branch : program_.bodies()[f].branches) {
      const auto named = [&](const std::string& name) { return hasWord(branch.what->text, name); };
      if (comparesOrder(branch.what->text) && std::count_if(names.begin(), names.end(), named) > 1) return true;
    }
    const Function& function = program_.function(f);
    for (const LinkedBranch& branch : program_.bodies()[f].branches) {
      if (!comparesOrder(branch.what->text)) continue;
      std::vector<std::string> types;
      if (!function.record.empty() && hasWord(branch.what->text, "this")) types.push_back(function.record);
      for (const Parameter& parameter : function.parameters) {
        const bool refers = llvm::StringRef(parameter.type).contains_insensitive("*") || parameter.type.ends_with("&");
        if (!refers || !hasWord(branch.what->text, parameter.name)) continue;
        const bool known = std::any_of(types.begin(), types.end(), [&](const std::string& type) {
          return llvm::StringRef(parameter.type).contains(type);
        });
        if (known) return true;
        types.push_back(parameter.type);
      }
    }
    return false;
  }

  /// The function that takes both locks compares their objects first.
  bool isCompared(const LockEdge& e) const {
    return ordersItsObjects(e.want->fact.function) || ordersItsObjects(program_.tables().holdSites[e.held.since].function);
  }

  void addSelfEdges(const Scope& scope, const std::vector<LockEdge>& edges) {
    for (const LockEdge& e : edges) {
      bool ordered = false;
      if (!areDistinct(e.held.lock, e.want->fact.lock, ordered) || !runsTwice(scope, e, edges)) continue;
      if (e.want->fact.mode == LockMode::Shared && e.held.hold == Hold::Shared) continue;
      if (scope.kind != Scope::Kind::Frame && isKnown({e})) continue;
      const bool reversed = std::any_of(edges.begin(), edges.end(), [&](const LockEdge& other) {
        return other.want->fact.function == e.want->fact.function && other.held.lock == e.want->fact.lock &&
               other.want->fact.lock == e.held.lock;
      });
      Finding out;
      describe(out, {e, e});
      out.message = "Lock-order cycle: " + quoted(program_.functionName(e.want->fact.function)) + " takes " +
                    quoted(program_.text(e.held.lock)) + " and then " + quoted(program_.text(e.want->fact.lock)) +
                    "; two threads that do so with the objects exchanged wait for each other";
      ordered |= isCompared(e);
      out.confidence = ordered || reversed ? Confidence::Low : Confidence::Medium;
      out.confidenceReason = ordered || reversed
                                 ? "the code seems to order the two objects first, which cannot be followed"
                                 : "the two objects are assumed to come in either order";
      out.fixHint = "Lock both with std::scoped_lock, or in the order of their addresses or numbers.";
      keep(std::move(out));
    }
  }

  /// Whether another thread may be at an edge of the same kind.
  bool runsTwice(const Scope& scope, const LockEdge& e, const std::vector<LockEdge>& edges) const {
    return std::any_of(edges.begin(), edges.end(), [&](const LockEdge& other) {
      if (other.from != e.from || !scope.mayHappenInParallel(*e.want, *other.want, program_.tables())) return false;
      return !haveGate(e, other);
    });
  }

  /// A third lock, outside the pair's kind, held by both.
  bool haveGate(const LockEdge& a, const LockEdge& b) const {
    for (const HeldLock& x : program_.tables().locksets[a.want->fact.held]) {
      if (x.lock == a.held.lock) continue;
      for (const HeldLock& y : program_.tables().locksets[b.want->fact.held]) {
        const bool exclusive = x.hold == Hold::Exclusive || y.hold == Hold::Exclusive;
        if (y.lock != b.held.lock && exclusive && x.lock == y.lock) return true;
      }
    }
    return false;
  }

  const Program& program_;
  OpenCalls open_;
  std::vector<std::set<Location>> known_;
  std::map<std::tuple<std::vector<std::string>, std::vector<std::string>>, Finding> best_;
};

std::vector<Finding> run(const Program& program) {
  Reporter reporter(program);
  for (const Scope& scope : program.scopes()) reporter.add(scope);
  return reporter.findings();
}

constexpr CheckInfo kInfo = {
    .id = "lock-order",
    .title = "Locks are taken in different orders, so that threads can wait for each other in a circle",
    .reason =
        R"(One thread holds A and waits for B while another holds B and waits for A: neither can go on. With more locks
the circle can be longer, and each step of it may be in another file, behind a method call or a lock wrapper.

It needs the right moment, so tests rarely hit it and production does. A cycle is reported only if it can close: the
threads may run at the same time, no further lock held by both keeps them apart, at least one side of each step holds
exclusively, and the locks are not taken together by std::lock or std::scoped_lock nor by try_lock.)",
    .example = R"(void transfer(Account& from, Account& to, int amount) {
  std::lock_guard a(from.mu);
  std::lock_guard b(to.mu);  // transfer(x, y) and transfer(y, x) can block each other
  from.balance -= amount;
  to.balance += amount;
})",
    .fix =
        R"(Take both at once:

  std::scoped_lock both(from.mu, to.mu);

or agree on one order for all locks of the program and keep to it, or give the first lock back before taking the
second. Locks of one kind can be ordered by address or by number.)",
    .cwe = "CWE-833",
};

}  // namespace

extern const Check kLockOrder;
const Check kLockOrder = {kInfo, run};

}  // namespace deadheat
