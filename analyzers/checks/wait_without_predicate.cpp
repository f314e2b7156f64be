// wait-without-predicate: a condition is waited for once, without a loop or predicate that looks at the state.
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/ways.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr CheckInfo kInfo = {
    .id = "wait-without-predicate",
    .title = "A condition is waited for without testing, again after each wake-up, what it stands for",
    .reason =
        R"(Waking up proves nothing. A condition variable may wake a waiter without any signal, a signal may be meant for
another waiter, and between the signal and the moment the waiter has its lock back a third thread may have taken what
was announced. Code that goes on after one wait then works on state that is not there.

The other way round a signal that comes before the wait is not kept: a wait that does not look at the state first
sleeps through it, perhaps for good.)",
    .example = R"(std::mutex mu;
std::condition_variable filled;
std::queue<Job> jobs;

Job next() {
  std::unique_lock lock(mu);
  if (jobs.empty()) filled.wait(lock);  // woken for nothing, or another worker was quicker
  Job job = jobs.front();
  jobs.pop();
  return job;
})",
    .fix =
        R"(Wait in a loop that tests the state, or let the wait do so:

  while (jobs.empty()) filled.wait(lock);
  filled.wait(lock, [] { return !jobs.empty(); });

With a time limit, the predicate's value tells whether the state was reached.)",
    .cwe = "CWE-667",
    .endsInHang = true,
};

bool holds(const Tables& tables, const OperationFact& wait) {
  return wait.lock != PathId::Unknown && tables.locksets.find(wait.held, wait.lock) != nullptr;
}

/// A callee holds the lock already: it is the one that would have to loop.
bool isDecidedBelow(const Program& program, const OperationFact& wait) {
  if (wait.trace == TraceId::Here) return false;
  const Trace& call = program.tables().traces[wait.trace];
  return program.anyOperation(call.callee, {OperationFact::Kind::Wait}, [&](const OperationFact& inner) {
    return inner.location == wait.location && inner.thread == kSelf &&
           holds(program.tables(), inner);
  });
}

/// Whether the cycle through `block` gives the lock back or takes it anew: then each turn starts from the beginning.
bool isTakenAnew(const FunctionView& view, const Ways& ways, std::uint32_t block, PathId lock) {
  for (std::uint32_t b = 0; b < view.blocks.size(); ++b) {
    if (b != block && !(ways.leads(block, b) && ways.leads(b, block))) continue;
    for (const StepView& step : view.blocks[b].steps) {
      const bool takes = std::holds_alternative<Acquire>(*step.step->what);
      if (takes && step.path == lock) return true;
    }
  }
  return false;
}

void rateWait(Finding& finding, const Wait& wait, bool isCalled, bool returns, bool isConditional) {
  if (wait.timed && !isConditional) {
    rate(finding, Confidence::Low, "a wait with a time limit and no state may be meant as a sleep that can be cut short");
  } else if (returns && isConditional) {
    rate(finding, Confidence::Low, "the loop around comes back and may test the state again");
  } else if (wait.timed) {
    rate(finding, Confidence::Medium, "the state may be tested again by what follows the time limit");
  } else if (returns) {
    rate(finding, Confidence::Medium, "the loop around takes the lock anew, so nothing is known to hold after the wait");
  } else if (isCalled) {
    rate(finding, Confidence::Medium, "the wait stands in a function that is called here, once");
  } else {
    rate(finding, Confidence::High,
         isConditional ? "the state is tested before the wait and not after it" : "nothing is tested round the wait");
  }
}

class Inspection {
 public:
  Inspection(const Program& program, const FunctionView& view, std::vector<Finding>& findings)
      : program_(program), view_(view), ways_(view), findings_(findings) {}

  void inspect() {
    for (const OperationFact& wait : program_.summary(view_.function).operations) {
      if (wait.kind != OperationFact::Kind::Wait || wait.thread != kSelf || wait.guessed) continue;
      const auto* facts = std::get_if<Wait>(wait.facts);
      if (!facts || facts->guarded != Wait::Guarded::No) continue;
      if (!isDecidedHere(wait) || isDecidedBelow(program_, wait)) continue;
      const Tables& tables = program_.tables();
      const bool isCalled = wait.trace != TraceId::Here;
      const Location here = isCalled ? tables.traces[wait.trace].location : wait.location;
      if (seen_.insert(here).second) report(wait, *facts, here, isCalled);
    }
  }

 private:
  /// Whoever holds the lock has to loop; if nobody does, the one who waits and is not known to be called.
  bool isDecidedHere(const OperationFact& wait) const {
    if (holds(program_.tables(), wait)) return true;
    const Storage storage = wait.lock == PathId::Unknown ? Storage::Unknown : program_.tables().paths.storage(wait.lock);
    const bool isOwn = storage == Storage::Global || storage == Storage::Local;
    return isOwn && wait.trace == TraceId::Here && !program_.isCalled(view_.function);
  }

  /// Whether a function on the way to the wait, this one included, makes its call in a loop.
  bool isLooped(const OperationFact& wait) const {
    const Traces& traces = program_.tables().traces;
    for (TraceId step = wait.trace; step != TraceId::Here; step = traces[step].rest) {
      const FunctionView view = program_.view(traces[step].function);
      const Ways ways(view);
      const auto place = ways.find(traces[step].location);
      if (place && ways.isInCycle(place->block)) return true;
    }
    return false;
  }

  void report(const OperationFact& wait, const Wait& facts, Location here, bool isCalled) {
    const auto place = ways_.find(here);
    if (!place) return;
    const bool returns = ways_.isInCycle(place->block);
    if (isCalled ? isLooped(wait) : returns && !isTakenAnew(view_, ways_, place->block, wait.lock)) return;
    const std::string condition = nameOf(program_, wait.object);
    Finding out = findingAt(program_, kInfo.id, wait, condition, "waits for " + quoted(condition) + ", once");
    out.location = program_.point(here);
    out.message = quoted(program_.functionName(view_.function)) + " waits for " + quoted(condition) +
                  " without testing afterwards, in a loop or predicate, that what it waits for has happened";
    out.fixHint = "Wait in a loop that tests the state, or give the wait a predicate.";
    // A function that never ends has no way round the wait, so the test itself is asked for, too.
    rateWait(out, facts, isCalled, returns, !facts.predicate.empty() || ways_.canAvoid(place->block));
    findings_.push_back(std::move(out));
  }

  const Program& program_;
  const FunctionView& view_;
  const Ways ways_;
  std::vector<Finding>& findings_;
  std::set<Location> seen_;
};

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  Inspection(program, view, findings).inspect();
}

}  // namespace

extern const Check kWaitWithoutPredicate;
const Check kWaitWithoutPredicate = {.info = kInfo, .inspect = inspect};

}  // namespace deadheat
