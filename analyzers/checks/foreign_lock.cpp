// foreign-lock: the data of one object is used under the lock of another object of the class.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analyzers/checks/check.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

constexpr unsigned kMinGuarded = 2;

class Collector {
 public:
  explicit Collector(const Program& program) : program_(program) {}

  /// An access by the function itself, outside constructors and destructors.
  void add(FunctionIndex f, const AccessFact& access) {
    if (access.trace != TraceId::Here || access.thread != kSelf || access.atomicity == Atomicity::Atomic) return;
    const PathId field = fieldOf(access.path);
    if (field == PathId::Unknown) return;
    const Key key{paths()[field].record, paths()[field].name};
    const PathId object = paths()[field].parent;
    const HeldLock* foreign = nullptr;
    for (const HeldLock& held : program_.tables().locksets[access.held]) {
      const PathId lock = fieldOf(held.lock);
      if (lock == PathId::Unknown || paths()[lock].record != key.first || held.hold == Hold::Passed) continue;
      if (paths()[lock].parent == object) {
        ++counts_[key].own;
        return;
      }
      foreign = &held;
    }
    if (!foreign) {
      ++counts_[key].bare;
    } else if (areDistinct(object, paths()[fieldOf(foreign->lock)].parent) && !expectsLock(f) &&
               !takesLockOf(f, object, key.first)) {
      candidates_.push_back({key, access, *foreign});
    }
  }

  std::vector<Finding> findings() {
    std::map<std::pair<Key, FunctionIndex>, Finding> best;
    for (const Candidate& c : candidates_) {
      const Count& count = counts_[c.key];
      if (count.own < kMinGuarded || count.bare * 2 > count.own) continue;
      best.try_emplace({c.key, c.access.function}, finding(c, count));
    }
    std::vector<Finding> out;
    for (auto& [key, found] : best) out.push_back(std::move(found));
    return out;
  }

 private:
  using Key = std::pair<Symbol, Symbol>;
  struct Count {
    unsigned own = 0, bare = 0;
  };
  struct Candidate {
    Key key;
    AccessFact access;
    HeldLock lock;
  };

  const PathTable& paths() const { return program_.tables().paths; }

  /// The first field on the way from an object to the place, so that `p->stats.hits` is p's `stats`.
  PathId fieldOf(PathId path) const {
    PathId field = PathId::Unknown;
    for (; path != PathId::Unknown && !paths().isRoot(path); path = paths()[path].parent) {
      const PathNode::Kind kind = paths()[path].kind;
      if (kind == PathNode::Kind::Field)
        field = path;
      else if (field != PathId::Unknown)
        break;
    }
    return field;
  }

  /// Two names that the function was given for two objects: it and a parameter, or two parameters.
  bool areDistinct(PathId a, PathId b) const {
    auto isGiven = [&](PathId p) {
      const Storage storage = paths().storage(p);
      return storage == Storage::This || storage == Storage::Parameter || storage == Storage::Global;
    };
    return isGiven(a) && isGiven(b) && paths()[a].root != paths()[b].root && !paths().passes(a, PathNode::Kind::Element) &&
           !paths().passes(b, PathNode::Kind::Element);
  }

  /// The function takes the object's own lock, too: if not for this use, then it means to.
  bool takesLockOf(FunctionIndex f, PathId object, Symbol record) const {
    const std::vector<AcquireFact>& all = program_.summary(f).acquires;
    return std::any_of(all.begin(), all.end(), [&](const AcquireFact& a) {
      const PathId lock = fieldOf(a.lock);
      return lock != PathId::Unknown && paths()[lock].record == record && paths()[lock].parent == object;
    });
  }

  bool expectsLock(FunctionIndex f) const {
    const Function& function = program_.function(f);
    return function.kind == Function::Kind::Constructor || function.kind == Function::Kind::Destructor;
  }

  std::string textOf(PathId path) const {
    const std::string text = program_.text(path);
    return text.starts_with(".") ? "this->" + text.substr(1) : text;
  }

  Finding finding(const Candidate& c, const Count& count) const {
    const std::string variable = program_.shortText(fieldOf(c.access.path));
    const std::string lock = quoted(textOf(c.lock.lock));
    Finding out;
    out.check = "foreign-lock";
    out.message = quoted(program_.functionName(c.access.function)) + " uses " + quoted(textOf(c.access.path)) +
                  " under " + lock + ", the lock of another object; elsewhere each object's own lock is held (" +
                  std::to_string(count.own) + " of " + std::to_string(count.own + count.bare) + " uses)";
    out.location = program_.point(c.access.location);
    out.subjects = {variable};
    out.functions = {program_.functionName(c.access.function)};
    out.witness = {witnessThread(program_, nullptr, 0, c.access, accessStep(program_, c.access))};
    out.confidence = count.bare == 0 ? Confidence::Medium : Confidence::Low;
    out.confidenceReason = count.bare == 0 ? "every other use of the variable holds the lock of its own object"
                                           : "some other uses hold no lock of the object at all";
    out.fixHint = "Take the lock of the object whose data it is, together with the other by std::scoped_lock if both are needed.";
    return out;
  }

  const Program& program_;
  std::map<Key, Count> counts_;
  std::vector<Candidate> candidates_;
};

std::vector<Finding> run(const Program& program) {
  Collector collector(program);
  for (std::uint32_t i = 0; i < program.bodies().functions.size(); ++i) {
    const auto f = static_cast<FunctionIndex>(i);
    const Function::Kind kind = program.function(f).kind;
    if (kind == Function::Kind::Constructor || kind == Function::Kind::Destructor) continue;
    for (const AccessFact& access : program.summary(f).accesses) collector.add(f, access);
  }
  return collector.findings();
}

constexpr std::string_view kAbsorbed[] = {"data-race", "inconsistent-guard"};

constexpr CheckInfo kInfo = {
    .id = "foreign-lock",
    .title = "The data of one object is used under the lock of another",
    .reason =
        R"(Where each object has a lock of its own, holding the lock of one says nothing about the data of another. A method
that takes its own lock and then reads the fields of an object it was given reads them unprotected, though it looks
protected: the lock has the right name, and belongs to somebody else.

Copying, comparing, merging and swapping are where it happens.)",
    .example = R"(class Account {
 public:
  void deposit(long cents) { std::lock_guard lock(mu_); cents_ += cents; }
  long balance() { std::lock_guard lock(mu_); return cents_; }
  void mirror(const Account& other) {
    std::lock_guard lock(mu_);
    cents_ = other.cents_;  // other.mu_ is not held
  }

 private:
  std::mutex mu_;
  long cents_ = 0;
};)",
    .fix = R"(Hold both locks, taken in one step, or take a copy under the other object's lock first:

  std::scoped_lock lock(mu_, other.mu_);
  cents_ = other.cents_;)",
    .cwe = "CWE-667",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kForeignLock;
const Check kForeignLock = {.info = kInfo, .run = run};

}  // namespace deadheat
