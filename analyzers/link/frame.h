// Frame: the analysis of one function body, given the summaries of everything it calls.
//
// 1. applications: every call and spawn becomes the summaries it runs, each with a substitution of names; callbacks
//    that callees left pending are resolved here when this function knows them.
// 2. flow: a fixpoint over the control-flow graph for locks, joins, live threads and publication.
// 3. emit: every access and acquisition, own and inherited, with its Moment.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "analyzers/link/alias.h"
#include "analyzers/link/bare_calls.h"
#include "analyzers/link/common_facts.h"
#include "analyzers/link/flow.h"
#include "analyzers/link/function_view.h"
#include "analyzers/link/lock_walk.h"
#include "analyzers/link/summary.h"
#include "analyzers/link/ways.h"
#include "analyzers/link/writes.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace deadheat {

/// Whether a lock of this type is a once-flag: passed rather than held once its callable is over.
bool isOnceFlag(const std::string& type);

/// Whether the event is a barrier, where every thread waits for all and lets all go on.
bool isBarrier(const EventKind& what);

/// Limits on one summary; what goes over is dropped, least useful first, and counted. They are shares of what a whole
/// program may take: beyond some ten thousand functions summaries get smaller.
struct SummaryLimits {
  std::size_t accesses = 1500;
  std::size_t acquires = 500;
  std::size_t operations = 200;
  static SummaryLimits of(std::size_t functions);
};

/// What the frames of one program share.
struct LinkContext {
  Tables& tables;
  const Bodies& bodies;
  const Aliases& aliases;
  const WrittenMemory& writes;
  const LockPromises& promises;
  CommonNames& common;
  std::vector<Summary>& summaries;  ///< By FunctionIndex.
  BareCalls calls;                       ///< Who calls whom, and with no lock held.
  std::vector<std::uint32_t> component;  ///< By FunctionIndex: functions that call each other in a ring have one number.
  SummaryLimits limits = {};
};

/// Accesses of one kind, by one thread with the same locks at the same memory, that are kept when a summary is full.
inline constexpr int kMaxRepeats = 3;
/// Accesses through more pointers than this are left out: which object they reach is a guess.
inline constexpr int kMaxDerefs = 4;
inline constexpr std::size_t kMaxHandles = 6;  ///< Names of one thread.
inline constexpr std::size_t kMaxPendings = 32;

/// One summary that runs at one call, in this frame's terms.
struct Application {
  FunctionIndex target = FunctionIndex::None;
  const Summary* callee = nullptr;
  Actuals actuals;
  std::unique_ptr<Substitution> names;
  bool spawn = false;
  bool guessed = false;
  bool deferred = false;              ///< A callback run inside a callee; no lock effect here.
  ThreadNumber self = kSelf;          ///< Which thread runs it, in this frame's numbers.
  std::vector<ThreadNumber> threads;  ///< This frame's numbers of the callee's threads.
  Moment base;                        ///< Moment of the callback inside the callee, in this frame's terms.
  struct Wrap {
    TraceId outer;
    Trace::Kind kind;
    Location location;
    FunctionIndex function, callee;
  };
  std::vector<Wrap> wraps;  ///< Innermost first: how this frame gets to the target.
  llvm::DenseMap<std::uint32_t, LocksetId> locksets;
  llvm::DenseMap<std::uint32_t, ContextId> contexts;
  std::map<PathId, bool> changes;  ///< Whether common facts below write what a condition tests.
};

/// One summary while its facts are taken over at one step.
struct Inheritance {
  const FlowState& state;
  const Step& step;
  Application& app;
  Moment here;
  PathId initialised = PathId::Unknown;             ///< A static local that the call constructs.
  LocksetId initialising = LocksetId::Empty;  ///< What the language holds meanwhile.
  bool reclaims = false;                      ///< The function is a destructor that a method calls on its own object.
};

/// What makes two facts of a frame one; the one with the shorter trace is kept.
using FactKey = std::array<std::uint64_t, 7>;

/// Finds the fact of a key among those numbered in the order they came.
class FactIndex {
 public:
  /// The number of the fact with this key, and whether it is new.
  std::pair<std::uint32_t, bool> number(const FactKey& key) {
    std::uint64_t hash = 0;
    for (std::uint64_t part : key) hash = mixed(hash, part);
    const auto fresh = static_cast<std::uint32_t>(keys_.size());
    const std::uint32_t id = index_.findOrAdd(hash, fresh, [&](std::uint32_t known) { return keys_[known] == key; });
    if (id == fresh) keys_.push_back(key);
    return {id, id == fresh};
  }

 private:
  std::vector<FactKey> keys_;
  IdIndex index_;
};

/// A callee's thread that could not be given a number.
inline constexpr ThreadNumber kLostThread = 0xfe;

/// Analyses one function. Make it, call analyse once and take the results, or call view once.
class Frame {
 public:
  Frame(LinkContext& context, FunctionIndex self, bool recursive);

  void analyse();

  /// The function step by step, once the summaries of everything it calls are known.
  FunctionView view();

  Summary summary;   ///< Relative to the caller.
  FrameFacts facts;  ///< With the frame's own memory too; filled if the frame has threads or `keepAll`.
  bool keepAll = false;
  std::vector<DoubleLock> doubleLocks;
  std::vector<LockIncident> lockIncidents;
  std::vector<BrokenFact> brokenPromises;

  /// Notes the promises broken in `accesses` and in its operations and acquisitions, of a function that nobody calls.
  void checkPromises(const std::vector<AccessFact>& accesses, const Summary& own);

 private:
  /// Whether a lock that is not held here may be one that a caller holds.
  enum class LockOwner : std::uint8_t { Frame, Caller };

  // applications
  void collectApplications();
  void apply(const Step& step, const CallSite& call);
  void addTarget(const Step& step, const CallSite& call, FunctionIndex target, bool guessed,
                 const std::optional<LinkedValue>& receiver);
  void addPendings(std::uint32_t call, std::size_t of, int depth);
  void startUnknown(const Step& step, const CallSite& call);
  bool resolvePending(Application& outer, const PendingFact& pending, Application& out);
  void startThread(Application& app, const Spawn& spawn, PathId handle, Location location);
  void numberThreads(Application& app);
  ThreadNumber addThread(ThreadFact fact, bool again = false);
  void nameHandles();
  void findGuardCells();

  // moments
  Moment mapped(Application& app, const Moment& inner);
  Moment composed(const Moment& outer, const Moment& inner);
  Moment momentOf(const FlowState& state, const Step& step) const;
  LocksetId passedOf(LocksetId held);
  LocksetId mappedLocks(Application& app, LocksetId locks);
  LocksetId locksBelow(LocksetId outer, LocksetId inner, PathSetId released);
  ContextId mappedContext(Application& app, ContextId context);
  PathSetId laterPhases(const Application& app, PathSetId phases);
  PathSetId after(PathSetId outer, PathSetId inner);
  TraceId wrapped(const Application& app, TraceId inner);
  ThreadSet mappedSet(const Application& app, ThreadSet inner) const;
  ThreadSet joinedThreads(PathSetId handles) const;
  ThreadSet joinedThreads(PathId handle) const;

  // flow
  void settle();
  void solve();
  PathSetId alwaysGivenBack();
  bool mayTake(PathId lock);
  bool leadsAround(const std::vector<bool>& blocks) const;
  void transfer(FlowState& state, const Step& step);
  void transferAccess(FlowState& state, const Step& step, const Access& access);
  bool unlocksByHand(const FlowState& state, const Step& step, const Access& access);
  void transferAcquire(FlowState& state, const Step& step, const Acquire& acquire);
  void transferRelease(FlowState& state, const Step& step, const Release& release);
  void transferCalls(FlowState& state, const Step& step);
  void transferSync(FlowState& state, const Step& step, const Sync& sync);
  std::uint32_t taskAround(std::uint32_t region) const;
  bool isInRegion(std::uint32_t region, std::uint32_t outer) const;
  void noteTask(PathId task, std::uint32_t level, std::uint32_t region);
  bool isNamedBy(PathId task, const std::vector<Dependence>& dependences) const;
  FlowState afterCall(const FlowState& before, const Step& step, Application& app);
  bool isShared(const FlowState& state, PathId cell) const;
  PathId joinedHandle(PathId handle, std::uint32_t block);
  void start(FlowState& state, ThreadSet threads);
  LocksetId takenHere(LocksetId held);
  ThreadSet threadsMovedTo(const Step& step);
  void join(FlowState& state, PathId handle, ThreadSet except);
  void findLeaks(const std::vector<LocksetId>& waysOut);
  bool givesBack(PathId lock) const;
  bool isGuardCell(PathId cell) const;
  void noteGuard(FlowState& state, const Step& step);
  PathId lockAt(const FlowState& state, PathId path);
  void giveBack(FlowState& state, PathId lock, LockOwner owner);
  void forget(FlowState& state, PathId cell);
  void publish(FlowState& state, const LinkedValue& value, int depth = 0);
  FlowState onEdge(std::uint32_t from, std::uint32_t to, FlowState out, PathSetId acquiredBefore);
  PathId promisedBy(const Step& step);
  PathSetId acquiredBy(const Step& step);
  PathId channelOf(const Step& step);
  bool isOutput(const Step& step);
  PathSetId acquiredOnTurn(std::uint32_t b);

  // ways
  /// A path tested against one constant, or the outcome of the call with that result.
  struct Condition {
    PathId path = PathId::Unknown;
    std::string_view against;
    bool isOutcome = false;
    bool operator==(const Condition&) const = default;
  };
  /// What decides at the end of a block: a followed condition and the truth of it that takes the first way.
  struct Decision {
    unsigned condition = 0;
    Truth first = Truth::True;
  };
  /// `if ((lock = tryLock()) == NULL)` tests the outcome of a call and a variable.
  using Decisions = llvm::SmallVector<Decision, 2>;
  void findConditions();
  std::optional<Condition> returnedNumber(const Step& step) const;
  std::vector<Condition> returnedNumbers() const;
  bool changesLocks(const Step& step) const;
  bool leadsToLock(std::uint32_t block) const;
  Decisions decisionsOf(std::uint32_t block);
  Truth givenBy(const Step& step, const Condition& condition, Valuation known);
  PathId copiedResult(const Step& step) const;
  bool mayChange(PathId written, PathId tested) const;
  void forgetConditions(Valuation& known, const Step& step);
  int outcomeOf(const Step& step) const;
  void advance(Ways& ways, const Step& step);
  Truth returned(Valuation known, const Step& step, const Return& result) const;
  bool follows(Way& way, const Decisions& decisions, std::size_t index) const;
  void summariseExit(const Ways& ways);
  void noteOverlaps(const FlowState& state, const Step& step);
  bool returns(const Step& step) const;
  bool endsBlock(const Step& step) const;
  void noteStarts(const FlowState& before, const Step& step);
  void findCovers();
  void narrowCovers(const FlowState& state);

  // promises
  void assume(FlowState& state, PathId lock, LockMode mode, Location location);
  void assumeRequired(FlowState& state);
  void assumeAsserted(FlowState& state, const Step& step, Application& app);
  void promiseEffects();
  void emitContracts(const FlowState& state, const Step& step, Application& app);
  bool takesItself(Application& app, PathId lock);
  void keepContract(OperationFact fact);
  void checkRequired(const OperationFact& fact);
  void checkGuards(const AccessFact& access);
  void checkOrder(const AcquireFact& acquire);
  bool isGuarded(PathId path);
  bool isOwnOnly(PathId path) const;
  void forEachGuard(PathId path, llvm::function_ref<void(PathId, const LinkedGuard&, PathId)> visit);
  BrokenPromise& note(BrokenPromise::Kind kind, const Moment& moment, PathId subject, PathId lock, bool guessed);

  // view
  std::vector<PathId> normalised(std::vector<PathId> paths);
  std::vector<GivenPointer> givenPointers(const CallSite& call);
  void addGiven(std::uint32_t argument, const LinkedValue& raw, std::vector<GivenPointer>& out);
  StepView viewOf(const FlowState& state, const Step& step);

  // ways
  void walkLocks();
  CallOnLocks locksAt(const Step& step);
  void addOutcome(Application& app, const LockOutcome& inner, std::map<PathId, LockOutcome>& out);

  // emit
  void emit();
  void emitStep(const FlowState& state, const Step& step);
  void emitAccess(const FlowState& state, const Step& step, PathId path, const Access* access);
  void emitMeeting(const FlowState& state, const Step& step, PathId object, AccessKind kind);
  void emitAcquire(const FlowState& state, const Step& step, const Acquire& acquire);
  void checkDouble(LocksetId held, const AcquireFact& acquire, LocksetId inside, PathSetId released, bool certain);
  void checkLeaked(LocksetId leaked, const AcquireFact& acquire);
  void emitOperation(const FlowState& state, const Step& step, OperationFact::Kind kind);
  void emitCallback(const FlowState& state, const Step& step, const CallSite& call);
  void emitPending(const FlowState& state, const Step& step, const CallSite& call);
  void emitApplication(const FlowState& state, const Step& step, Application& app);
  void inheritBelow(Inheritance& from);
  void inherit(Inheritance& from, const AccessFact& access);
  void inherit(Inheritance& from, const AcquireFact& acquire);
  void inherit(Inheritance& from, const OperationFact& operation);
  Moment placed(Inheritance& from, const Moment& inner);
  bool isLost(const Application& app, const Moment& m) const;

  // common facts
  std::optional<CommonCall> commonCall(const Inheritance& from);
  void keep(const CommonCall& call);
  bool isCommon(const Moment& m) const;
  bool isCommon(const AccessFact& fact);
  bool isCommon(const AcquireFact& fact) const;
  bool isCommon(const OperationFact& fact) const;
  void markCommon();
  bool changesBelow(Application& app, PathId tested);
  bool isDestructor(FunctionIndex f) const;
  bool isBesideTasks(const AccessFact& fact) const;
  bool isReachedFromRegion(PathId root, ContextId context) const;
  void collectHomes();
  ContextId relevant(ContextId context, PathId path);
  void keep(AccessFact fact);
  void keep(AcquireFact fact);
  void keep(OperationFact fact);
  void keepPending(PendingFact fact);
  bool isPrivate(const FlowState& state, PathId path) const;
  bool isResolved(Application& app, const OperationFact& callback) const;
  PathId staticInitialised(const Application& app) const;
  PathId renamed(PathId path);
  PathSetId renamed(PathSetId set);
  PathId keptName(PathId path);
  PathSetId meeting(PathId path);
  PathSetId meetings(PathSetId set);
  std::vector<PathId> namesOf(PathId path);
  bool isAlways(std::uint32_t block);
  bool isMoved() const;
  void finish();
  void limit();
  void limitAccesses();
  void limitOperations();
  std::vector<PathId> rootsMadeInLoops() const;

  Tables& tables_;
  LinkContext& context_;
  FunctionIndex self_;
  const Body& body_;
  bool recursive_;
  FunctionAliases aliases_;
  std::vector<std::vector<Application>> applications_;  ///< By call index.
  std::vector<ThreadNumber> started_;                   ///< By call index: the thread of a spawn of unknown entry.
  std::vector<ThreadFact> threads_;
  std::vector<std::uint32_t> order_;
  std::vector<Ways> entry_;               ///< By block.
  PathSetId broughtIn_ = PathSetId::Empty;  ///< Locks that the function gives back and never takes: callers hold them.
  std::vector<Condition> conditions_;     ///< Those that the ways tell apart.
  Truth outcome_ = Truth::Unknown;        ///< Of the call being taken over.
  std::map<std::uint32_t, bool> always_;  ///< Block is on every way from entry to exit; filled on demand.
  std::unique_ptr<EdgeJoins> edgeJoins_;
  struct TaskPlace {
    std::uint32_t level, region;  ///< The task that started it (0: the function's caller's), and where.
  };
  std::map<PathId, TaskPlace> taskPlaces_;
  std::map<std::pair<ContextId, PathId>, ContextId> relevant_;
  std::vector<AccessFact> accesses_;
  FactIndex accessIndex_;
  std::vector<AcquireFact> acquires_;
  FactIndex acquireIndex_;
  std::vector<OperationFact> operations_;
  FactIndex operationIndex_;
  Dropped dropped_;
  PathSetId releases_ = PathSetId::Empty;  ///< Locks that this function gives back by hand, or through a callee.
  std::uint32_t block_ = 0;
  llvm::DenseSet<PathId> guardCells_;  ///< Where guards of this function keep their locks.
};

}  // namespace deadheat
