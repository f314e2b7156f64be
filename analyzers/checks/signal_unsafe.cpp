// signal-unsafe: a signal handler does what only code that nothing interrupts may do.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analyzers/checks/check.h"
#include "analyzers/checks/handler_reach.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr std::string_view kAbsorbed[] = {"data-race", "plain-flag-sync"};
constexpr std::size_t kMaxWays = 8;

constexpr CheckInfo kInfo = {
    .id = "signal-unsafe",
    .title = "A signal handler calls or uses what is not safe while other code is interrupted",
    .reason =
        R"(A handler runs in the middle of whatever its thread was doing: inside malloc with the allocator's lock held, inside
printf with the stream half changed, between two halves of an assignment. If it calls the same functions, takes a lock
that the interrupted code holds, or uses the same variables, it deadlocks or works on broken state. It does so rarely,
and in production.

A handler may call the functions that POSIX lists as async-signal-safe (write, _exit, sem_post ...), and share variables of
type volatile sig_atomic_t and lock-free atomics with the rest. What the functions it calls do counts as if the handler did
it. A plain flag may also stay unseen: the compiler keeps it in a register.)",
    .example = R"(int stop = 0;

void onInterrupt(int) {
  printf("stopping\n");  // may be interrupting printf
  stop = 1;              // the main loop may never see it
}

int main() {
  signal(SIGINT, onInterrupt);
  while (!stop) serve();
})",
    .fix =
        R"(Set a flag of a type that is made for it, and do the work outside:

  volatile sig_atomic_t stop = 0;       // or std::atomic<bool>, if it is lock-free

  void onInterrupt(int) { stop = 1; }

To wake a thread from a handler, write a byte to a pipe or eventfd, or sem_post; or take signals in a thread of their own
with sigwait or signalfd, where everything is allowed.)",
    .cwe = "CWE-479",
    .absorbs = kAbsorbed,
};

// ---- Calls -------------------------------------------------------------------------------------------------------------

/// Whoever crashes has lost already: what a handler of faults does badly costs the report, not the program.
constexpr std::string_view kForFaults = "the handler is for faults only, and the code that it interrupts does not go on";

/// Orders hazards by how much they are to be believed.
bool isWorse(const HandlerHazard& a, const HandlerHazard& b) {
  return std::tuple(!a.known, !a.certain, a.way.size()) < std::tuple(!b.known, !b.certain, b.way.size());
}

std::string listOf(const std::vector<const HandlerHazard*>& hazards) {
  std::string text;
  std::set<std::string> said;
  for (const HandlerHazard* hazard : hazards) {
    if (said.size() == 3 && !said.contains(hazard->what)) return text + " and more";
    if (said.insert(hazard->what).second) text += (text.empty() ? "" : ", ") + hazard->what;
  }
  return text;
}

void rateCall(Finding& out, const Handler& handler, const HandlerHazard& worst) {
  if (!worst.known)
    rate(out, Confidence::Low, "no harm is known of it, but nothing promises that it is safe in a handler");
  else if (handler.isForFaults())
    rate(out, Confidence::Medium, std::string(kForFaults));
  else if (!worst.certain)
    rate(out, Confidence::Medium, "one of the calls on the way has several possible targets");
  else if (worst.way.size() > 3)
    rate(out, Confidence::Medium, "it is several calls away, and tests on the way may keep the handler from it");
  else
    rate(out, Confidence::High, "the handler and the calls it makes are known");
}

WitnessThread wayOf(const std::string& handler, std::vector<WitnessStep> steps) {
  return {"signal handler " + quoted(handler), std::move(steps)};
}

/// All that one handler does is one finding, told where it is worst: the work belongs elsewhere, whatever it calls. What
/// is only not promised to be safe is told of a handler that does nothing worse.
Finding reportCalls(const Program& program, const Handler& handler, const std::vector<HandlerCall>& calls) {
  std::vector<std::pair<const HandlerHazard*, Location>> places;  // the worst of each statement
  for (const HandlerCall& call : calls)
    places.emplace_back(&*std::min_element(call.hazards.begin(), call.hazards.end(), isWorse), call.location);
  std::stable_sort(places.begin(), places.end(), [](auto& a, auto& b) { return isWorse(*a.first, *b.first); });
  const HandlerHazard& worst = *places.front().first;
  std::erase_if(places, [&](auto& place) { return place.first->known != worst.known; });
  std::vector<const HandlerHazard*> hazards;
  for (const auto& [hazard, location] : places) hazards.push_back(hazard);

  const std::string name = program.functionName(handler.function);
  Moment moment;
  moment.function = handler.function;
  moment.location = places.front().second;
  Finding out = findingAt(program, kInfo.id, moment, name, worst.what);
  out.witness.clear();
  for (const HandlerHazard* hazard : hazards)
    if (out.witness.size() < kMaxWays) out.witness.push_back(wayOf(name, hazard->way));
  auto& steps = out.witness.front().steps;
  steps.insert(steps.begin(), {WitnessStep::Kind::Spawn, program.point(handler.installed),
                               program.functionName(handler.installer), "installs " + quoted(name), {}, 0});
  out.message = "Signal handler " + quoted(name) + " ";
  if (worst.way.size() > 1) out.message += worst.way.front().text + " and so ";
  out.message += listOf(hazards);
  if (places.size() > 1) out.message += " in " + std::to_string(places.size()) + " places";
  if (!worst.because.empty()) out.message += ": " + worst.because;
  out.fixHint = "Set a volatile sig_atomic_t or write to a pipe here, and do the work where nothing is interrupted.";
  rateCall(out, handler, worst);
  return out;
}

// ---- Shared data -------------------------------------------------------------------------------------------------------

bool isMadeForHandlers(const Access& access) {
  if (access.atomicity == Atomicity::Atomic) return true;
  return access.atomicity == Atomicity::Volatile && access.type.find("sig_atomic") != std::string::npos;
}

/// The functions that are not only run by handlers use the variable, too.
std::set<PathId> usedOutside(const Program& program, const std::set<FunctionIndex>& inside) {
  std::set<PathId> used;
  const Bodies& bodies = program.bodies();
  for (std::uint32_t f = 0; f < bodies.functions.size(); ++f) {
    if (inside.contains(static_cast<FunctionIndex>(f))) continue;
    for (const StepBlock& block : bodies.functions[f].blocks) {
      for (const Step& step : block.steps)
        if (std::holds_alternative<Access>(*step.what)) used.insert(step.path);
    }
  }
  return used;
}

bool isHandler(const Scope& scope, std::uint32_t actor) {
  const Actor& a = scope.actors[actor];
  return a.kind == Actor::Kind::Thread && a.thread.isSignalHandler();
}

/// Variables of which it is known when handlers and others use them: they are told as races, or rightly not.
std::set<PathId> usedInFrames(const Program& program) {
  std::set<PathId> used;
  for (const Scope& scope : program.scopes()) {
    if (scope.kind != Scope::Kind::Frame) continue;
    std::set<PathId> inside;
    for (const SharedAccess& access : scope.accesses)
      if (isHandler(scope, access.actor)) inside.insert(access.fact.path);
    for (const SharedAccess& access : scope.accesses)
      if (!isHandler(scope, access.actor) && inside.contains(access.fact.path)) used.insert(access.fact.path);
  }
  return used;
}

/// Variables that the handler changes though they are not made for it, whoever else uses them.
class Changes {
 public:
  Changes(const Program& program, const Handler& handler, const std::set<PathId>& known, std::vector<Finding>& findings)
      : program_(program), handler_(handler), known_(known), findings_(findings) {}

  void look(const std::vector<FunctionIndex>& reached, const std::set<PathId>& used) {
    for (FunctionIndex function : reached) {
      for (const StepBlock& block : program_.bodies()[function].blocks) {
        for (const Step& step : block.steps) lookAt(function, step, used);
      }
    }
  }

 private:
  void lookAt(FunctionIndex function, const Step& step, const std::set<PathId>& used) {
    const auto* access = std::get_if<Access>(step.what);
    if (!access || access->kind == AccessKind::Read || isMadeForHandlers(*access)) return;
    const PathTable& paths = program_.tables().paths;
    if (step.path == PathId::Unknown || paths.storage(step.path) != Storage::Global) return;
    const GlobalVariable* variable = program_.global(step.path);
    if (!variable || variable->isConst || !isData(program_, step.path) || known_.contains(step.path)) return;
    const std::string name = nameOf(program_, step.path);
    if (!said_.insert(name).second) return;
    Moment moment;
    moment.function = function;
    moment.location = step.location;
    Finding out = findingAt(program_, kInfo.id, moment, name, "changes " + quoted(name));
    out.witness.front().name = "signal handler " + quoted(program_.functionName(handler_.function));
    out.message = "Signal handler " + quoted(program_.functionName(handler_.function)) + " changes " + quoted(name) +
                  ", which is neither volatile sig_atomic_t nor a lock-free atomic";
    out.fixHint = "Make " + quoted(name) + " a volatile sig_atomic_t, or an atomic that is lock-free.";
    if (handler_.isForFaults())
      rate(out, Confidence::Low, std::string(kForFaults));
    else if (access->type.find("sig_atomic") != std::string::npos)
      rate(out, Confidence::Low, "it is a sig_atomic_t, which is enough where no loop keeps it in a register");
    else if (access->atomicity == Atomicity::Volatile)
      rate(out, Confidence::Low, "it is volatile, which is enough on common machines for a number of at most a word");
    else if (used.contains(step.path))
      rate(out, Confidence::Medium, "it is used outside the handler, at a time that is not known");
    else
      rate(out, Confidence::Low, "no use of it outside the handler was seen");
    findings_.push_back(std::move(out));
  }

  const Program& program_;
  const Handler& handler_;
  const std::set<PathId>& known_;
  std::vector<Finding>& findings_;
  std::set<std::string> said_;
};

std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings;
  const std::vector<Handler> handlers = handlersOf(program);
  std::map<FunctionIndex, std::vector<FunctionIndex>> reached;
  std::set<FunctionIndex> inside;
  for (const Handler& handler : handlers) {
    reached[handler.function] = reachedFrom(program, handler.function);
    inside.insert(reached[handler.function].begin(), reached[handler.function].end());
  }
  if (handlers.empty()) return findings;
  const std::set<PathId> used = usedOutside(program, inside), known = usedInFrames(program);
  for (const Handler& handler : handlers) {
    const std::vector<HandlerCall> calls = hazardsOf(program, handler);
    if (!calls.empty()) findings.push_back(reportCalls(program, handler, calls));
    Changes(program, handler, known, findings).look(reached[handler.function], used);
  }
  return findings;
}

// ---- Races with a handler ----------------------------------------------------------------------------------------------

/// More than one call away from the handler itself.
bool isFar(const Program& program, const AccessFact& inside) {
  const Traces& traces = program.tables().traces;
  std::size_t calls = 0;
  for (TraceId t = inside.trace; t != TraceId::Here; t = traces[t].rest)
    calls = traces[t].kind == Trace::Kind::Spawn ? 0 : calls + 1;
  return calls > 1;
}

/// Whether the function says which signals are held back.
bool masksSignals(const Program& program, FunctionIndex function) {
  for (const StepBlock& block : program.bodies()[function].blocks) {
    for (const Step& step : block.steps) {
      const auto* call = std::get_if<LibraryCall>(step.what);
      if (call && call->inSignal == LibraryCall::InSignal::Masks) return true;
    }
  }
  return false;
}

/// Whether a function on the way to the access, or one that it calls, holds signals back.
bool mayBeHeldBack(const Program& program, const AccessFact& outside) {
  const Traces& traces = program.tables().traces;
  std::set<FunctionIndex> way{outside.function};
  for (TraceId t = outside.trace; t != TraceId::Here; t = traces[t].rest) way.insert(traces[t].function);
  for (FunctionIndex function : way) {
    if (function == FunctionIndex::None) continue;
    if (masksSignals(program, function)) return true;
    for (const CallSite& call : program.bodies()[function].calls) {
      if (!call.spawn && std::ranges::any_of(call.targets, [&](FunctionIndex f) { return masksSignals(program, f); }))
        return true;
    }
  }
  return false;
}

/// Input and output change what a descriptor stands for; of the variable they only read its number.
bool changesVariable(const Program& program, const AccessFact& access) {
  const Tables& tables = program.tables();
  const PathNode& node = tables.paths[access.path];
  return access.writes() && !(node.kind == PathNode::Kind::Field && tables.symbols.text(node.name) == "$io");
}

void rateShared(const Program& program, const AccessFact& inside, const AccessFact& outside, const Spawn& installed,
                Finding& finding) {
  const bool writes = changesVariable(program, inside);
  const bool isOnePiece = (inside.facts && inside.facts->operation.empty()) || writes != inside.writes();
  if (installed.signals == SignalSource::Fault)
    rate(finding, Confidence::Low, std::string(kForFaults));
  else if (inside.facts && inside.facts->type.find("sig_atomic") != std::string::npos)
    rate(finding, Confidence::Low, "it is a sig_atomic_t, which is enough where no loop keeps it in a register");
  else if (inside.atomicity == Atomicity::Volatile)
    rate(finding, Confidence::Low, "it is volatile, which is enough on common machines for a number of at most a word");
  else if (program.tables().paths.passes(inside.path, PathNode::Kind::Deref))
    rate(finding, Confidence::Low, "it is reached through a pointer, and the objects may differ");
  else if (mayBeHeldBack(program, outside))
    rate(finding, Confidence::Low, "signals are held back on the way to the other access");
  else if (!writes && isOnePiece)
    rate(finding, Confidence::Low, "the handler reads it in one piece, as it was before or as it is after");
  else if (isFar(program, inside))
    rate(finding, Confidence::Medium, "it is several calls away, and tests on the way may keep the handler from it");
  else if (writes)
    rate(finding, Confidence::High, "the handler may run at any moment of the other access");
  else
    rate(finding, Confidence::Medium, "the signal may be held back while the other function changes it");
}

bool recognise(const Program& program, const RacePair& pair, Finding& finding) {
  const bool aHandles = isHandler(*pair.scope, pair.a->actor), bHandles = isHandler(*pair.scope, pair.b->actor);
  if (aHandles == bHandles) return false;
  const AccessFact& inside = (aHandles ? pair.a : pair.b)->fact;
  const AccessFact& outside = (aHandles ? pair.b : pair.a)->fact;
  if (inside.guessed || outside.guessed || (inside.facts && isMadeForHandlers(*inside.facts))) return false;
  const std::string variable = nameOf(program, inside.path);
  finding.check = kInfo.id;
  const Actor& handler = pair.scope->actors[(aHandles ? pair.a : pair.b)->actor];
  finding.message = "Signal handler " + quoted(program.functionName(handler.entry)) +
                    (changesVariable(program, inside) ? " changes " : " reads ") + quoted(variable) + ", which " +
                    quoted(program.functionName(outside.function)) +
                    (changesVariable(program, outside) ? " changes" : " reads") +
                    " and which is neither volatile sig_atomic_t nor a lock-free atomic";
  finding.fixHint = "Make " + quoted(variable) + " a volatile sig_atomic_t, or an atomic that is lock-free.";
  rateShared(program, inside, outside, *handler.thread.facts, finding);
  return true;
}

}  // namespace

extern const Check kSignalUnsafe;
const Check kSignalUnsafe = {.info = kInfo, .run = run, .recognise = recognise};

}  // namespace deadheat
