// tls-escape: the address of a thread's own variable gets to another thread, or to memory that others read.
#include <algorithm>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr CheckInfo kInfo = {
    .id = "tls-escape",
    .title = "The address of a thread_local variable leaves its thread",
    .reason =
        R"(A thread_local variable is there to be used without a lock: each thread has one of its own, and it ends with the
thread. Both break when its address is handed to another thread, or kept where other threads find it. They then work on
the first thread's variable, with nothing to order them, and go on to do so after that thread has ended and the memory
belongs to somebody else.)",
    .example = R"(thread_local std::vector<Event> events;

void record() {
  std::thread flusher([mine = &events] { write(*mine); });  // the starter's events, not the flusher's
  flusher.detach();
})",
    .fix =
        R"(Hand over the data, by value or in an object of its own that both sides know:

  std::thread flusher([taken = std::exchange(events, {})] { write(taken); });

A registry of per-thread objects needs a lock round every use and a destructor that takes the object out again.)",
    .cwe = "CWE-562",
};

/// One function: what of its thread's own memory gets where.
class Look {
 public:
  Look(const Program& program, FunctionIndex function, std::vector<Finding>& findings)
      : program_(program), paths_(program.tables().paths), view_(program.view(function)), findings_(findings) {}

  void look() {
    for (const BlockView& block : view_.blocks) {
      for (const StepView& step : block.steps) {
        if (std::holds_alternative<Assign>(*step.step->what)) lookAtStore(step);
        if (step.step->call != Step::kNoCall) lookAtCall(step, view_.body->calls[step.step->call]);
      }
    }
  }

 private:
  /// The thread's own variable that `value` points to, or Unknown.
  PathId ownOf(const LinkedValue& value) const {
    const bool own = value.kind == Value::Kind::AddressOf && value.path != PathId::Unknown &&
                     paths_.storage(value.path) == Storage::ThreadLocal && !paths_.passes(value.path, PathNode::Kind::Deref);
    return own ? value.path : PathId::Unknown;
  }

  void lookAtStore(const StepView& step) {
    const PathId own = ownOf(step.value);
    if (own == PathId::Unknown || step.path == PathId::Unknown) return;
    const Storage storage = paths_.storage(step.path);
    const bool isGlobal = storage == Storage::Global;
    const bool isObject = storage == Storage::This || paths_.passes(step.path, PathNode::Kind::Deref);
    if (!isGlobal && !isObject) return held_.emplace_back(step.path, own), void();
    report(step, own, "keeps the address of " + quoted(nameOf(program_, own)) + " in " + quoted(nameOf(program_, step.path)));
    if (isGlobal)
      rate(findings_.back(), Confidence::Medium, "that other threads use the address is assumed");
    else
      rate(findings_.back(), Confidence::Low, "whether other threads know the object is not known");
  }

  void lookAtCall(const StepView& step, const CallSite& call) {
    if (!call.spawn) return;
    const auto& spawn = std::get<Spawn>(*step.step->what);
    if (spawn.where == SpawnWhere::SignalHandler || spawn.where == SpawnWhere::OpenMp) return;
    if (spawn.where == SpawnWhere::Task && spawn.runs != Resumption::Anywhere) return;
    PathId own = PathId::Unknown;
    for (const LinkedValue& argument : call.arguments) {
      if (own == PathId::Unknown) own = ownOf(argument);
      if (own == PathId::Unknown && argument.kind == Value::Kind::Load) own = storedIn(argument.path);
    }
    if (own == PathId::Unknown && call.receiver) {
      own = ownOf(*call.receiver);
      if (own == PathId::Unknown) own = storedIn(call.receiver->path);
    }
    if (own == PathId::Unknown) return;
    report(step, own, "hands the address of " + quoted(nameOf(program_, own)) + " to a thread that it starts");
    Finding& found = findings_.back();
    found.sites = {{Site::Kind::Lend, found.location, program_.functionName(view_.function), {}}};
    rate(found, Confidence::High, "the new thread gets the address of the starter's own variable");
  }

  /// What an object or pointer of the function was given of the thread's own.
  PathId storedIn(PathId object) const {
    for (const auto& [cell, own] : held_) {
      if (object != PathId::Unknown && paths_.hasPrefix(cell, object)) return own;
    }
    return PathId::Unknown;
  }

  void report(const StepView& step, PathId own, const std::string& does) {
    const std::string variable = nameOf(program_, own);
    Finding out = findingAt(program_, kInfo.id, momentAt(view_, step), variable, does);
    out.message = quoted(program_.functionName(view_.function)) + " " + does +
                  ", which each thread has one of and which ends with its thread";
    out.fixHint = "Hand over the data, or an object that both threads own.";
    findings_.push_back(std::move(out));
  }

  const Program& program_;
  const PathTable& paths_;
  const FunctionView view_;
  std::vector<Finding>& findings_;
  std::vector<std::pair<PathId, PathId>> held_;
};

/// Whether the function takes the address of a variable of the thread's own: only then is it worth a look.
bool takesOwnAddress(const PathTable& paths, const Body& body) {
  auto isOwn = [&](const LinkedValue& value) {
    return value.kind == Value::Kind::AddressOf && value.path != PathId::Unknown &&
           paths.storage(value.path) == Storage::ThreadLocal;
  };
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps)
      if (isOwn(step.value)) return true;
  }
  return std::any_of(body.calls.begin(), body.calls.end(), [&](const CallSite& call) {
    return call.spawn && std::any_of(call.arguments.begin(), call.arguments.end(), isOwn);
  });
}

std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings;
  const Bodies& bodies = program.bodies();
  for (std::uint32_t f = 0; f < bodies.functions.size(); ++f) {
    if (takesOwnAddress(program.tables().paths, bodies.functions[f]))
      Look(program, static_cast<FunctionIndex>(f), findings).look();
  }
  return findings;
}

}  // namespace

extern const Check kTlsEscape;
const Check kTlsEscape = {.info = kInfo, .run = run};

}  // namespace deadheat
