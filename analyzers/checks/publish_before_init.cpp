// publish-before-init: an object is used by another thread before it is complete, or after its parts are gone.
#include <algorithm>
#include <map>
#include <tuple>

#include "analyzers/checks/check.h"
#include "analyzers/checks/handle_fields.h"
#include "analyzers/checks/protection.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/ways.h"
#include "analyzers/checks/witness.h"
#include "analyzers/link/function_view.h"
#include "analyzers/link/executor_turns.h"
#include "analyzers/link/handles.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

constexpr std::string_view kId = "publish-before-init";
constexpr const char* kMayComeLater = "tests on its way may keep the thread from there until the object is complete";

/// What the owner of an object does with a part of it while another thread uses that part.
enum class Phase : std::uint8_t { Use, Construction, Destruction };

/// The functions from where the event's thread begins to the event, outermost first.
std::vector<FunctionIndex> wayTo(const Program& program, const Moment& moment) {
  const Traces& traces = program.tables().traces;
  std::vector<FunctionIndex> way;
  for (TraceId t = moment.trace; t != TraceId::Here; t = traces[t].rest) {
    if (traces[t].kind == Trace::Kind::Spawn)
      way.clear();
    else
      way.push_back(traces[t].function);
  }
  way.push_back(moment.function);
  return way;
}

bool isOf(const Program& program, FunctionIndex f, Function::Kind kind, std::string_view record) {
  return f != FunctionIndex::None && program.function(f).kind == kind && program.function(f).record == record;
}

/// Whether a destructor on the way runs as part of another's: a member's or base's, not the object's own.
bool endsMember(const Program& program, const std::vector<FunctionIndex>& way) {
  for (std::size_t i = 1; i < way.size(); ++i) {
    if (way[i - 1] == FunctionIndex::None || way[i] == FunctionIndex::None) continue;
    if (program.function(way[i - 1]).kind == Function::Kind::Destructor &&
        program.function(way[i]).kind == Function::Kind::Destructor)
      return true;
  }
  return false;
}

/// The end of a library object's life.
bool endsLibraryObject(const AccessFact& fact) {
  return fact.facts && llvm::StringRef(fact.facts->operation).contains("::~");
}

Phase phaseOf(const Program& program, const AccessFact& fact) {
  const Record::Field* field = program.field(fact.path);
  const PathTable& paths = program.tables().paths;
  if (!field) return Phase::Use;
  PathId at = fact.path;
  while (paths[at].kind != PathNode::Kind::Field) at = paths[at].parent;
  const std::string_view record = program.tables().symbols.text(paths[at].record);
  const std::vector<FunctionIndex> way = wayTo(program, fact);
  const bool constructing = std::any_of(way.begin(), way.end(), [&](FunctionIndex f) {
    return isOf(program, f, Function::Kind::Constructor, record);
  });
  if (constructing) return Phase::Construction;
  const bool ends = endsLibraryObject(fact) && isOf(program, fact.function, Function::Kind::Destructor, record);
  return ends || (fact.ending && endsMember(program, way)) ? Phase::Destruction : Phase::Use;
}

void tell(const Program& program, Phase phase, const AccessFact& owner, const AccessFact& thread, Finding& finding) {
  const std::string name = quoted(finding.subjects.front());
  const std::string user = quoted(program.functionName(thread.function));
  finding.check = kId;
  if (phase == Phase::Construction) {
    finding.message = name + " is set by the constructor " + quoted(program.functionName(owner.function)) + " when " +
                      user + " may already use it in another thread";
    finding.fixHint = "Start the thread, or hand out the object, when everything it uses is initialised: last in the "
                      "constructor, or in a member declared after the others.";
  } else {
    finding.message = name + " is destroyed when " + user + " may still use it in another thread";
    finding.fixHint = "Stop and join the thread in the destructor's body, or declare the joining thread after what it "
                      "uses, so that it is destroyed first.";
  }
}

/// A function on the way from where the thread begins, and the step in it that leads on.
struct Pass {
  FunctionView view;
  Location location;
};

std::vector<Pass> passesOf(const Program& program, const AccessFact& used) {
  const Traces& traces = program.tables().traces;
  std::vector<Pass> passes;
  for (TraceId t = used.trace; t != TraceId::Here; t = traces[t].rest) {
    if (traces[t].kind == Trace::Kind::Spawn)
      passes.clear();
    else
      passes.push_back({program.view(traces[t].function), traces[t].location});
  }
  passes.push_back({program.view(used.function), used.location});
  return passes;
}

/// Whether some test on the way may lead past the access.
bool mayBeLeftOut(const std::vector<Pass>& passes) {
  return std::ranges::any_of(passes, [](const Pass& pass) {
    const Ways ways(pass.view);
    const auto place = ways.find(pass.location);
    return place && ways.canAvoid(place->block);
  });
}

/// Whether the thread comes to the access by calls that it may not make: what they depend on may be set only later,
/// as by whoever hands the thread its work.
bool mayComeLater(const std::vector<Pass>& passes) {
  return passes.size() > 2 && mayBeLeftOut(passes);
}

/// Whether the thread has waited for a future, or another thread, that it names by a local of its own.
bool joinsBefore(const std::vector<Pass>& passes) {
  return std::ranges::any_of(passes, [](const Pass& pass) {
    const Ways ways(pass.view);
    const auto place = ways.find(pass.location);
    for (std::uint32_t b = 0; place && b < pass.view.blocks.size(); ++b) {
      for (std::uint32_t s = 0; s < pass.view.blocks[b].steps.size(); ++s) {
        const auto* join = std::get_if<Join>(pass.view.blocks[b].steps[s].step->what);
        if (join && join->by == Join::By::Call && ways.follows({b, s}, *place)) return true;
      }
    }
    return false;
  });
}

bool recognise(const Program& program, const RacePair& pair, Finding& finding) {
  const AccessFact& a = pair.a->fact;
  const AccessFact& b = pair.b->fact;
  const Phase x = phaseOf(program, a), y = phaseOf(program, b);
  if ((x == Phase::Use) == (y == Phase::Use)) return false;
  if (x != Phase::Use)
    tell(program, x, a, b, finding);
  else
    tell(program, y, b, a, finding);
  const SharedAccess& user = x != Phase::Use ? *pair.b : *pair.a;
  const Actor& actor = pair.scope->actors[user.actor];
  if (finding.confidence == Confidence::Low || actor.kind != Actor::Kind::Thread) return true;
  const bool ends = (x != Phase::Use ? x : y) == Phase::Destruction;
  if (ends && movesOn(program, actor.thread)) {
    finding.confidence = Confidence::Low;
    finding.confidenceReason = "the thread's handle is moved on, and may be joined by another name";
  } else if (!ends && joinsBefore(passesOf(program, user.fact))) {
    finding.confidence = Confidence::Low;
    finding.confidenceReason = "the thread waits on its way for something that may say that the object is complete";
  } else if (!ends && finding.confidence == Confidence::High && mayComeLater(passesOf(program, user.fact))) {
    finding.confidence = Confidence::Medium;
    finding.confidenceReason = kMayComeLater;
  }
  return true;
}

/// Objects that start threads of their own, whether or not the program is seen to make one.
class Owners {
 public:
  explicit Owners(const Program& program) : program_(program) {}

  std::vector<Finding> find() {
    const std::size_t count = program_.bodies().functions.size();
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto f = static_cast<FunctionIndex>(i);
      const Function& facts = program_.function(f);
      if (facts.kind == Function::Kind::Constructor) lookAtConstructor(f);
      if (facts.kind == Function::Kind::Destructor) destructors_[facts.record].push_back(f);
    }
    for (const Scope& scope : program_.scopes()) {
      if (scope.kind == Scope::Kind::Class) lookAtDestructors(scope);
    }
    return std::move(findings_);
  }

 private:
  const Tables& tables() const { return program_.tables(); }
  bool isOwn(const AccessFact& fact) const {
    return tables().paths.storage(fact.path) == Storage::This && isData(program_, fact.path);
  }

  /// Whether the two may touch the same memory with nothing between them.
  bool clash(const AccessFact& owner, const AccessFact& user) const {
    if (!owner.writes() && !user.writes()) return false;
    if (owner.atomicity == Atomicity::Atomic && user.atomicity == Atomicity::Atomic) return false;
    if (overlap(program_, owner, user) != Overlap::Exact) return false;
    return protection(tables(), owner.held, user.held) == Protection::None;
  }

  void lookAtConstructor(FunctionIndex f) {
    const Summary& summary = program_.summary(f);
    for (std::size_t t = 0; t < summary.threads.size(); ++t) {
      if (isHandler(program_.tables(), summary.threads[t].handles)) continue;  // It runs when somebody runs the executor.
      const ThreadSet bit = threadBit(static_cast<ThreadNumber>(t));
      for (const AccessFact& own : summary.accesses) {
        if (own.thread != kSelf || !(own.live & bit) || !own.writes() || !isOwn(own)) continue;
        if (own.atomicity == Atomicity::Atomic || own.frees || own.ending) continue;
        if (!lockNames(program_, own.held).empty()) continue;  // Not what the object is built of: others may have it.
        for (const AccessFact& used : summary.accesses) {
          if (used.thread == t && isOwn(used) && clash(own, used) && !waitsFor(summary, used) &&
              !joinsBefore(passesOf(program_, used)))
            report(Phase::Construction, f, own, used, summary.threads[t]);
        }
      }
    }
  }

  /// Whether the thread has waited on its way for something that says that the object is complete: an atomic, which a
  /// method may set as well, a future, or a condition that the constructor signals.
  bool waitsFor(const Summary& constructor, const AccessFact& used) const {
    if (used.joined != PathSetId::Empty) return true;
    for (PathId gate : tables().pathSets[used.acquired]) {
      const Record::Field* field = program_.field(gate);
      if (!field || field->kind != Record::Field::Kind::Condition) return true;
      if (tables().pathSets.contains(constructor.notifiedAtExit, gate)) return true;
    }
    return false;
  }

  void lookAtDestructors(const Scope& scope) {
    const auto known = destructors_.find(scope.record);
    if (known == destructors_.end()) return;
    for (FunctionIndex f : known->second) {
      for (const AccessFact& end : program_.summary(f).accesses) {
        if (end.thread == kSelf && isOwn(end) && phaseOf(program_, end) == Phase::Destruction) compare(scope, f, end);
      }
    }
  }

  void compare(const Scope& scope, FunctionIndex destructor, const AccessFact& end) {
    for (const SharedAccess& used : scope.accesses) {
      const Actor& actor = scope.actors[used.actor];
      if (actor.kind != Actor::Kind::Thread || !isOwn(used.fact) || !clash(end, used.fact)) continue;
      if (isHandler(program_.tables(), actor.thread.handles)) continue;
      if (isJoined(end, actor.thread)) continue;
      report(Phase::Destruction, destructor, end, used.fact, actor.thread);
    }
  }

  bool isJoined(const AccessFact& end, const ThreadFact& thread) const {
    for (PathId joined : tables().pathSets[end.joined]) {
      for (PathId handle : thread.handles) {
        if (sameHandle(tables().paths, joined, handle)) return true;
      }
    }
    return false;
  }

  void report(Phase phase, FunctionIndex owner, const AccessFact& own, const AccessFact& used,
              const ThreadFact& thread) {
    const std::string name = nameOf(program_, own.path);
    auto [slot, fresh] = reported_.try_emplace({owner, phase, thread.entry}, findings_.size());
    if (!fresh) return addPart(findings_[slot->second], name, own);
    Finding out;
    out.subjects = {name};
    tell(program_, phase, own, used, out);
    out.location = program_.point(own.location);
    out.confidence = Confidence::High;
    out.confidenceReason = "the thread is started by the object itself and uses it";
    if (phase == Phase::Destruction) {
      out.confidenceReason = "the object keeps the thread, and nothing joins it before";
      const bool hasMain = !program_.scopes().empty() && program_.scopes().front().isMain;
      if (thread.facts && thread.facts->where == SpawnWhere::Pool) {
        out.confidence = Confidence::Medium;
        out.confidenceReason = "an executor runs it, and when that has is not known";
      } else if (endsElsewhere(program_, thread)) {
        out.confidence = Confidence::Low;
        out.confidenceReason = "another method ends the thread, and may always be called before";
      } else if (hasMain && !program_.isCalled(owner)) {
        out.confidence = Confidence::Low;
        out.confidenceReason = "nothing in the program is seen to destroy such an object";
      }
    } else if (mayComeLater(passesOf(program_, used))) {
      const bool seldom = mayBeLeftOut(passesOf(program_, own));
      out.confidence = seldom ? Confidence::Low : Confidence::Medium;
      out.confidenceReason = seldom ? "tests on both sides may keep them apart" : kMayComeLater;
    }
    out.functions = {program_.functionName(own.function), program_.functionName(used.function)};
    std::sort(out.functions.begin(), out.functions.end());
    WitnessThread user = witnessThread(program_, nullptr, 0, used, accessStep(program_, used));
    user.name = "thread " + quoted(program_.functionName(thread.entry));
    WitnessThread maker = witnessThread(program_, nullptr, 0, own, accessStep(program_, own));
    maker.name = "the thread in " + quoted(program_.functionName(owner));
    out.witness = {std::move(maker), std::move(user)};
    out.sites = {accessSite(program_, own), accessSite(program_, used)};
    findings_.push_back(std::move(out));
  }

  /// One cause, several members: the thread is started too early, or joined too late, for all of them.
  void addPart(Finding& finding, const std::string& name, const AccessFact& own) const {
    auto place = std::lower_bound(finding.subjects.begin(), finding.subjects.end(), name);
    if (place != finding.subjects.end() && *place == name) return;
    finding.subjects.insert(place, name);
    finding.witness.front().steps.push_back(accessStep(program_, own));
  }

  const Program& program_;
  std::map<std::string_view, std::vector<FunctionIndex>> destructors_;  ///< By class.
  std::map<std::tuple<FunctionIndex, Phase, FunctionIndex>, std::size_t> reported_;
  std::vector<Finding> findings_;
};

std::vector<Finding> run(const Program& program) { return Owners(program).find(); }

constexpr std::string_view kAbsorbed[] = {"data-race", "publish-before-init"};

constexpr CheckInfo kInfo = {
    .id = kId,
    .title = "Another thread uses an object before it is complete, or while its parts are destroyed",
    .reason =
        R"(A constructor that starts a thread races with it for everything that is initialised later: the rest of its body, and
every member declared after the thread, since members are initialised in the order of their declaration whatever the
order of the initialisers. In tests the thread is slow to start and the constructor wins.

The end mirrors the beginning. Members are destroyed in reverse order before anything waits for a thread that is a
member declared earlier; and the parts of a derived class are gone before the destructor of a base joins the thread
that the base started. Until the derived constructor is done, and after its destructor has begun, a virtual call in
that thread reaches the base.)",
    .example = R"(class Poller {
 public:
  Poller() : thread_([this] { run(); }) { interval_ = 10; }  // run() may read interval_ before
  ~Poller() { stop_ = true; thread_.join(); }

 private:
  void run() { while (!stop_) sleepMillis(interval_); }
  std::thread thread_;
  std::atomic<bool> stop_{false};  // initialised after the thread has started
  int interval_;
};)",
    .fix =
        R"(Declare the thread last and give every other member its value in an initialiser, so that it starts when all is
set, and with std::jthread is joined first when all is torn down:

  std::atomic<bool> stop_{false};
  int interval_ = 10;
  std::thread thread_{[this] { run(); }};

Or start it in a method of its own that is called on the complete object, and stop it in the destructor of the most
derived class. Publish a pointer to an object after its last field is set, with a release store or under the lock.)",
    .cwe = "CWE-665",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kPublishBeforeInit;
const Check kPublishBeforeInit = {.info = kInfo, .run = run, .recognise = recognise};

}  // namespace deadheat
