// sleep-as-sync: a sleep stands where one thread has to wait for another.
#include <algorithm>
#include <map>

#include "analyzers/checks/check.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/protection.h"
#include "analyzers/checks/ways.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr CheckInfo kInfo = {
    .id = "sleep-as-sync",
    .title = "A sleep is used to wait for another thread",
    .reason =
        R"(A sleep waits for time, not for another thread. That the other one has finished, or has published its result, by
then is a hope: a loaded machine, a debugger or a larger input breaks it, and the failure comes back as soon as the time
is chosen shorter. Where the guess is generous the program is slow instead.

Reported are sleeps between the start of a thread and the use of what it produces, sleeps that keep the program alive until
a thread nobody joins is done, and loops that only sleep until another thread has changed something.)",
    .example = R"(std::thread loader(loadTable);
loader.detach();
std::this_thread::sleep_for(std::chrono::seconds(1));  // surely loaded by now?
use(table);)",
    .fix =
        R"(Wait for the event itself: join the thread, get() a future, or wait for a condition variable whose state the
other thread sets.

  std::future<Table> table = std::async(std::launch::async, loadTable);
  use(table.get());

For a single flag, std::atomic<bool>::wait and notify_one do.)",
    .cwe = "",
};

/// A sleep in a frame, while its threads run.
struct Sleep {
  StepPlace place;
  const StepView* step = nullptr;
};

bool isSleep(const Program& program, const StepView& step) {
  if (const auto* block = std::get_if<Block>(step.step->what)) return block->what == "sleep";
  // A function that does nothing but sleep.
  return std::any_of(step.targets.begin(), step.targets.end(), [&](FunctionIndex target) {
    const Summary& callee = program.summary(target);
    if (callee.hasAcquires() || callee.hasAccesses() || !callee.threads.empty()) return false;
    const auto operations = program.operations(target);
    return operations.size() == 1 && operations.front().kind == OperationFact::Kind::Block &&
           std::get_if<Block>(operations.front().facts)->what == "sleep";
  });
}

/// The frame of one function that starts threads.
class FrameLook {
 public:
  FrameLook(const Program& program, const Scope& scope, std::map<Location, Finding>& found)
      : program_(program), scope_(scope), view_(program.view(scope.frame)), ways_(view_), found_(found) {}

  void look() {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) {
        const StepView& step = view_.blocks[b].steps[s];
        if (step.live == 0 || ways_.isInCycle(b) || !isSleep(program_, step)) continue;
        const Sleep sleep{{b, s}, &step};
        if (!checkUse(sleep)) checkLastBreath(sleep);
      }
    }
  }

 private:
  /// Memory that a running thread writes is read next, with nothing that waits for it in between.
  bool checkUse(const Sleep& sleep) {
    for (const SharedAccess& read : scope_.accesses) {
      if (read.actor != 0 || read.fact.trace != TraceId::Here || read.fact.writes()) continue;
      const auto place = ways_.find(read.fact.location);
      if (!place || !ways_.follows(sleep.place, *place) || ways_.isInCycle(place->block)) continue;
      if (waitsBetween(sleep.place, *place)) continue;
      for (const SharedAccess& write : scope_.accesses) {
        if (write.actor == 0 || !write.fact.writes() || write.fact.path != read.fact.path) continue;
        const ThreadSet thread = threadBit(scope_.actors[write.actor].number);
        if (!(read.fact.live & thread) || !(sleep.step->live & thread)) continue;
        reportUse(sleep, read, write);
        return true;
      }
    }
    return false;
  }

  /// Whether something on the way from one step to the other waits for somebody else.
  bool waitsBetween(StepPlace from, StepPlace to) const {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) {
        const StepView& step = view_.blocks[b].steps[s];
        const EventKind& what = *step.step->what;
        const auto* block = std::get_if<Block>(&what);
        const bool waits = std::holds_alternative<Wait>(what) || std::holds_alternative<Join>(what) ||
                           (block && block->what != "sleep") || calleesWait(step);
        if (waits && ways_.follows(from, {b, s}) && ways_.follows({b, s}, to)) return true;
      }
    }
    return false;
  }

  /// Whether the function that is called joins threads or waits for a condition: a pool that shuts down.
  bool calleesWait(const StepView& step) const {
    if (step.step->call == Step::kNoCall || std::holds_alternative<Spawn>(*step.step->what)) return false;
    constexpr OperationKinds kWaits{OperationFact::Kind::Join, OperationFact::Kind::Wait};
    return std::ranges::any_of(step.targets, [&](FunctionIndex target) {
      return program_.anyOperation(target, kWaits, [](const OperationFact& o) {
        return o.thread == kSelf && (o.kind == OperationFact::Kind::Join || o.kind == OperationFact::Kind::Wait);
      });
    });
  }

  Finding make(const Sleep& sleep, const std::string& subject) const {
    Finding out = findingAt(program_, kInfo.id, momentAt(view_, *sleep.step), subject, "sleeps");
    out.witness.front().name = actorName(program_, scope_, 0);
    return out;
  }
  void keep(Location location, Finding finding) { found_.try_emplace(location, std::move(finding)); }

  void reportUse(const Sleep& sleep, const SharedAccess& read, const SharedAccess& write) {
    const std::string variable = nameOf(program_, read.fact.path);
    const std::string writer = program_.functionName(write.fact.function);
    Finding out = make(sleep, variable);
    addPlace(program_, out, read.fact, "reads " + quoted(variable), actorName(program_, scope_, 0));
    addPlace(program_, out, write.fact, "writes " + quoted(variable), actorName(program_, scope_, write.actor));
    out.message = quoted(program_.functionName(scope_.frame)) + " sleeps and then reads " + quoted(variable) +
                  ", as if " + quoted(writer) + " had finished with it by then";
    out.fixHint = "Join the thread, or wait for a condition or future that it completes.";
    rate(out, Confidence::High, "nothing but the sleep puts the write before the read");
    keep(sleep.step->step->location, std::move(out));
  }

  /// The program ends soon after the sleep, though a thread runs that nobody joins.
  void checkLastBreath(const Sleep& sleep) {
    if (!scope_.isMain || ways_.canAvoid(sleep.place.block)) return;
    const Summary& summary = program_.summary(scope_.frame);
    const ThreadSet left = sleep.step->live & summary.liveAtExit;
    if (left == 0 || !isDetached() || hasWorkAfter(sleep)) return;
    for (std::size_t t = 0; t < view_.threads.size(); ++t) {
      const ThreadFact& thread = view_.threads[t];
      if (!(left & threadBit(static_cast<ThreadNumber>(t))) || thread.entry == FunctionIndex::None) continue;
      if (thread.isSignalHandler()) continue;
      const std::string entry = program_.functionName(thread.entry);
      Finding out = make(sleep, entry);
      out.message = quoted(program_.functionName(scope_.frame)) + " sleeps so that " + quoted(entry) +
                    ", which nobody joins, can finish before the program ends";
      out.fixHint = "Join the thread instead of sleeping.";
      rate(out, Confidence::Medium, "that the thread is to finish is assumed");
      return keep(sleep.step->step->location, std::move(out));
    }
  }

  bool isDetached() const {
    for (const BlockView& block : view_.blocks)
      for (const StepView& step : block.steps)
        if (std::holds_alternative<Detach>(*step.step->what)) return true;
    return false;
  }

  bool hasWorkAfter(const Sleep& sleep) const {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) {
        const StepView& step = view_.blocks[b].steps[s];
        const bool isWork = step.step->call != Step::kNoCall || std::holds_alternative<Block>(*step.step->what);
        if (isWork && ways_.follows(sleep.place, {b, s})) return true;
      }
    }
    return false;
  }

  const Program& program_;
  const Scope& scope_;
  const FunctionView view_;
  const Ways ways_;
  std::map<Location, Finding>& found_;
};

/// Loops that only sleep until another thread has changed what their condition looks at.
void findPolling(const Program& program, const Scope& scope, std::map<Location, Finding>& found) {
  std::map<Location, bool> waits;
  for (const SharedOperation& o : scope.operations)
    if (o.fact.kind == OperationFact::Kind::Wait) waits[o.fact.location] = true;
  for (const SharedOperation& o : scope.operations) {
    if (o.fact.kind != OperationFact::Kind::Awaited || waits.contains(o.fact.location)) continue;
    for (const SharedAccess& write : scope.accesses) {
      if (!write.fact.writes() || write.fact.path != o.fact.object || write.actor == o.actor) continue;
      if (scope.actors[write.actor].kind != Actor::Kind::Thread && scope.actors[o.actor].kind != Actor::Kind::Thread)
        continue;
      if (!scope.mayHappenInParallel(write.fact, write.actor, o.fact, o.actor, program.tables())) continue;
      const std::string state = nameOf(program, o.fact.object);
      Finding out = findingAt(program, kInfo.id, o.fact, state, "sleeps until " + quoted(state) + " has changed");
      out.witness.front().name = actorName(program, scope, o.actor);
      addPlace(program, out, write.fact, "writes " + quoted(state), actorName(program, scope, write.actor));
      out.message = quoted(program.functionName(o.fact.function)) + " sleeps again and again until " +
                    quoted(program.functionName(write.fact.function)) + " has changed " + quoted(state);
      out.fixHint = "Wait for a condition variable, or for the atomic itself, that the other thread signals.";
      rate(out, Confidence::Medium, "the loop does nothing else; it works if the state is atomic, at the cost of time");
      found.try_emplace(o.fact.location, std::move(out));
      break;
    }
  }
}

std::vector<Finding> run(const Program& program) {
  std::map<Location, Finding> found;
  for (const Scope& scope : program.scopes()) {
    if (scope.kind == Scope::Kind::Frame) FrameLook(program, scope, found).look();
    if (scope.kind != Scope::Kind::Library) findPolling(program, scope, found);
  }
  std::vector<Finding> all;
  for (auto& [location, finding] : found) all.push_back(std::move(finding));
  return all;
}

}  // namespace

extern const Check kSleepAsSync;
const Check kSleepAsSync = {.info = kInfo, .run = run};

}  // namespace deadheat
