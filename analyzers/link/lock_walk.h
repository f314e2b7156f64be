// The walk that finds lock ways (lock_ways.h) in one function, given what its callees do to locks.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "analyzers/link/environment.h"
#include "analyzers/link/lock_elements.h"
#include "analyzers/link/lock_ways.h"

namespace deadheat {

/// One way to a point: the locks it touched and the tests it depends on. Both sorted.
struct LockWay {
  /// How a test came out, and at which block; kSettled if the variable took a constant.
  struct Tested {
    std::uint32_t test = 0;
    bool holds = false;
    std::uint32_t by = 0;
    auto operator<=>(const Tested&) const = default;
  };
  static constexpr std::uint32_t kSettled = 0xffffffff;
  std::vector<LockState> locks;
  std::vector<Tested> tests;
  auto operator<=>(const LockWay&) const = default;

  LockState* find(PathId lock);
  void set(const LockState& state);
  void forget(PathId lock);
  const Tested* tested(std::uint32_t test) const;
  void learn(const Tested& outcome);
};

/// The tests of a function that say something of each other: of one variable, or word for word the same.
class LockTests {
 public:
  LockTests(const Body& body, Environment& environment);

  /// False if the way cannot go from `block` to its successor number `edge`. Learns what the branch says.
  bool take(LockWay& way, std::uint32_t block, std::size_t edge) const;
  /// What a lock was reached through is no null pointer.
  void follow(LockWay& way, const PathTable& paths, PathId lock) const;
  /// `path` takes a value.
  void change(LockWay& way, PathId path, const std::optional<std::string>& constant) const;
  bool concern(PathId path) const { return depends_.contains(path); }

 private:
  struct Test {
    PathId tested = PathId::Unknown;
    std::string against;  ///< As Branch::against; the condition's text if no single path is tested.
    std::vector<PathId> depends;
  };
  void settle(LockWay& way, PathId path, const std::string& value, std::uint32_t by) const;

  std::vector<Test> tests_;
  std::map<std::uint32_t, std::pair<std::uint32_t, bool>> atBlock_;  ///< Test, and whether negated.
  std::map<PathId, std::vector<std::uint32_t>> depends_;
};

/// What one call does, in the caller's names.
struct CallOnLocks {
  std::vector<LockOutcome> outcomes;
  std::vector<PathId> handedOut;  ///< Locks whose address goes to code that cannot be seen.
  FunctionIndex callee = FunctionIndex::None;
  bool destructor = false;
  bool mayThrow = false;
  bool returns = true;  ///< False if control never comes back.
  std::vector<FieldName> stores;  ///< Members that the callee stores pointers in, of whatever object; sorted.
};

/// Walks one function. Make it, call run, take the results.
class LockWalk {
 public:
  using CallEffects = std::function<CallOnLocks(const Step&)>;
  LockWalk(const Body& body, FunctionIndex self, Tables& tables, Environment& environment, CallEffects effects);

  void run();

  std::vector<LockOutcome> outcomes;
  std::vector<LockIncident> incidents;
  /// No way comes to the place, as far as tests that go together tell.
  bool isDead(Location place) const { return dead_.contains(place); }
  bool mayThrow = false;  ///< An exception may leave the function.

 private:
  struct StepEffect {
    const Step* step = nullptr;
    PathId path = PathId::Unknown;  ///< Normalised.
    HoldSiteId site = HoldSiteId::None;
    CallOnLocks call;
  };
  struct BlockEffects {
    std::vector<StepEffect> steps;
    std::vector<LockWay> ways;  ///< On entry; sorted.
    bool plain = false;         ///< There were too many: tests are forgotten here.
    bool joined = false;        ///< There were still too many: `ways` is their join.
    std::uint32_t unwind = kNoBlock;
  };
  static constexpr std::uint32_t kNoBlock = 0xffffffff;

  bool isBlurred(const LockIncident& incident) const;
  void prepare();
  bool isRelevant(const Step& step, StepEffect& effect);
  bool isIdle(const StepEffect& effect) const;
  bool actsOnLocks(const StepEffect& effect) const;
  std::set<FieldName> pointersToLocks() const;
  PathId lockAt(PathId named);
  bool isHeldable(PathId lock) const;
  bool isTracked(PathId lock) const { return isHeldable(lock) && elements_.isNamed(lock); }
  bool isOwn(PathId lock) const;
  bool isOnce(PathId lock) const;
  bool solve();
  void flow(std::uint32_t block, const LockWay& way);
  void enter(std::uint32_t block, LockWay way);
  void addWay(BlockEffects& block, LockWay way, bool& changed);
  void thin(BlockEffects& block);
  LockWay joinedWays(const LockWay& a, const LockWay& b) const;

  bool transfer(std::uint32_t block, LockWay& way, const StepEffect& effect);
  void acquire(LockWay& way, const StepEffect& effect, const Acquire& acquire);
  void acquire(LockWay& way, LockState taken, LockWait wait, HoldSiteId site);
  void release(LockWay& way, PathId lock, LockMode mode, bool byGuard, HoldSiteId site);
  void call(LockWay& way, const StepEffect& effect);
  void apply(LockWay& way, const LockOutcome& outcome, const CallOnLocks& call, HoldSiteId site);
  void adopt(LockWay& way, PathId lock);
  void end(LockWay& way, PathId lock, HoldSiteId site);
  void begin(LockWay& way, PathId lock, HoldSiteId site);
  void throwAt(std::uint32_t block, const LockWay& way, HoldSiteId site);
  void overwrite(LockWay& way, PathId cell);
  void overwriteStored(LockWay& way, const CallOnLocks& call);

  void markUnclear(LockWay& way, PathId lock, FunctionIndex after = FunctionIndex::None);
  void blur(LockWay& way, PathId family, FunctionIndex after = FunctionIndex::None);
  bool isDoubtful(LockWay& way, PathId lock, HoldSiteId site);
  bool mayBeAlias(PathId a, PathId b) const;
  bool isSomeHeld(const LockWay& way, PathId lock);
  void forgetElements(LockWay& way, Symbol variable);

  void report();
  bool isLockItself(PathId lock) const;
  void note(LockIncident::Kind kind, const LockState& state, HoldSiteId at, FunctionIndex callee = FunctionIndex::None);
  void visit(PathId lock, HoldSiteId at);
  void leave(std::uint32_t block, const LockWay& way);
  void reportLeaks();
  void addOutcomes(const LockWay& way);
  void addToFamily(LockOutcome& outcome, const LockState& state) const;

  const Body& body_;
  FunctionIndex self_;
  Tables& tables_;
  Environment& environment_;
  CallEffects effects_;
  LockTests tests_;
  LockElements elements_;
  bool blurred_ = false;  ///< Some tests were forgotten: ways that are none may be among them.
  std::vector<BlockEffects> blocks_;
  std::set<Location> dead_;
  std::set<PathId> onceFlags_;
  std::set<PathId> locks_;  ///< Every lock that the function names.
  std::vector<std::pair<std::uint32_t, LockWay>> work_;
  std::size_t budget_ = 0;
  bool reporting_ = false;
  std::set<std::pair<PathId, HoldSiteId>> doubted_;  ///< Given back there by a name that may mean what is held.
  std::set<PathId> paired_;  ///< Families of elements of which one was taken and given back by one name.
  std::map<PathId, LockOutcome> outcome_;
  std::size_t waysOut_ = 0;
  std::map<PathId, std::size_t> touched_;  ///< Ways out that list the lock.
  struct Count {
    LockIncident incident;
    std::size_t ways = 0;
  };
  std::map<LockIncident, Count> found_;
  std::map<std::pair<PathId, HoldSiteId>, std::size_t> visits_;  ///< Ways that come to a use of a lock.
  struct Leaving {
    LockState state;
    HoldSiteId out = HoldSiteId::None;
    std::size_t held = 0, given = 0;
  };
  std::map<std::pair<PathId, HoldSiteId>, Leaving> leaving_;  ///< By lock and where it was taken.
  std::set<std::pair<PathId, HoldSiteId>> givenEarlier_;  ///< Elements given back before their index changed.
  std::set<PathId> lostGives_;  ///< Families of elements of the caller's that were given back likewise.
};

}  // namespace deadheat
