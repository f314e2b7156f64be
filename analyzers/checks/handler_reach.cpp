#include "analyzers/checks/handler_reach.h"

#include <algorithm>
#include <map>
#include <set>

namespace deadheat {
namespace {

constexpr std::size_t kMaxDepth = 12;

/// The end of a local's life, which is no call of the allocator.
bool endsLocal(const Program& program, const Step& step) {
  const PathTable& paths = program.tables().paths;
  return paths.storage(step.path) == Storage::Local && !paths.passes(step.path, PathNode::Kind::Deref);
}

/// What one step does that a handler must not; `what` is empty if nothing.
HandlerHazard hazardOf(const Program& program, const Step& step) {
  HandlerHazard hazard;
  hazard.known = true;
  if (const auto* call = std::get_if<LibraryCall>(step.what)) {
    if (call->inSignal == LibraryCall::InSignal::Safe || call->inSignal == LibraryCall::InSignal::Masks) return hazard;
    hazard.what = "calls " + quoted(call->function);
    hazard.because = call->because;
    hazard.known = call->inSignal == LibraryCall::InSignal::Unsafe;
  } else if (const auto* acquire = std::get_if<Acquire>(step.what)) {
    if (acquire->wait == LockWait::Try || acquire->type.find("once") != std::string::npos) return hazard;
    hazard.what = "takes the lock " + quoted(nameOf(program, step.path));
    hazard.because = "the interrupted code may hold it";
  } else if (std::holds_alternative<Allocate>(*step.what)) {
    hazard.what = "allocates memory";
    hazard.because = "the interrupted code may hold the lock of the allocator";
  } else if (std::holds_alternative<Free>(*step.what) && !endsLocal(program, step)) {
    hazard.what = "frees memory";
    hazard.because = "the interrupted code may hold the lock of the allocator";
  } else if (const auto* notify = std::get_if<Notify>(step.what); notify && notify->inSignal) {
    return hazard;
  } else if (notify || std::holds_alternative<Wait>(*step.what)) {
    hazard.what = (std::holds_alternative<Wait>(*step.what) ? "waits for " : "signals ") +
                  quoted(nameOf(program, step.path));
    hazard.because = "condition variables keep locked state of their own";
  } else if (std::holds_alternative<Join>(*step.what)) {
    hazard.what = "waits for the end of a thread";
    hazard.because = "that thread may be waiting for the interrupted one";
  } else if (const auto* spawn = std::get_if<Spawn>(step.what)) {
    if (spawn->where == SpawnWhere::SignalHandler) return hazard;
    hazard.what = "starts a thread";
    hazard.because = "that allocates and locks";
  }
  return hazard;
}

/// Walks what one call of a handler leads to.
class Walk {
 public:
  explicit Walk(const Program& program) : program_(program) {}

  void step(FunctionIndex function, const Step& step, bool certain) {
    HandlerHazard hazard = hazardOf(program_, step);
    if (!hazard.what.empty() && said_.insert(hazard.what).second) {
      hazard.certain = certain;
      hazard.way = way_;
      hazard.way.push_back(shown(function, step.location, hazard.what));
      hazards.push_back(std::move(hazard));
    }
    if (step.call == Step::kNoCall || way_.size() >= kMaxDepth) return;
    const CallSite& call = program_.bodies()[function].calls[step.call];
    if (call.spawn || call.guessed) return;
    for (FunctionIndex target : call.targets) {
      if (seen_.size() >= kMaxReached || !seen_.insert(target).second) continue;
      way_.push_back(shown(function, step.location, "calls " + quoted(program_.functionName(target))));
      way_.back().kind = WitnessStep::Kind::Call;
      body(target, certain && call.targets.size() == 1);
      way_.pop_back();
    }
  }

  std::vector<HandlerHazard> hazards;

 private:
  void body(FunctionIndex function, bool certain) {
    for (const StepBlock& block : program_.bodies()[function].blocks) {
      for (const Step& inner : block.steps) step(function, inner, certain);
    }
  }

  WitnessStep shown(FunctionIndex function, Location location, const std::string& text) const {
    return {WitnessStep::Kind::Other, program_.point(location), program_.functionName(function), text, {}, 0};
  }

  const Program& program_;
  std::vector<WitnessStep> way_;
  std::set<FunctionIndex> seen_;
  std::set<std::string> said_;
};

}  // namespace

std::vector<Handler> handlersOf(const Program& program) {
  std::map<FunctionIndex, Handler> handlers;
  const Bodies& bodies = program.bodies();
  for (std::uint32_t f = 0; f < bodies.functions.size(); ++f) {
    const Body& body = bodies.functions[f];
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        const auto* spawn = std::get_if<Spawn>(step.what);
        if (!spawn || spawn->where != SpawnWhere::SignalHandler || step.call == Step::kNoCall) continue;
        const CallSite& call = body.calls[step.call];
        if (call.guessed) continue;
        for (FunctionIndex target : call.targets) {
          const Handler here{target, step.location, static_cast<FunctionIndex>(f)};
          Handler& handler = handlers.try_emplace(target, here).first->second;
          if (spawn->signals != SignalSource::Fault) handler.signals = spawn->signals;
        }
      }
    }
  }
  std::vector<Handler> all;
  for (const auto& [function, handler] : handlers) all.push_back(handler);
  return all;
}

std::vector<HandlerCall> hazardsOf(const Program& program, const Handler& handler) {
  std::map<Location, HandlerCall> calls;
  for (const StepBlock& block : program.bodies()[handler.function].blocks) {
    for (const Step& step : block.steps) {
      Walk walk(program);
      walk.step(handler.function, step, true);
      if (walk.hazards.empty()) continue;
      // One finding a line: a stream expression is several calls.
      Location line = step.location;
      line.column = 0;
      HandlerCall& call = calls[line];
      if (call.hazards.empty()) call.location = step.location;
      for (HandlerHazard& hazard : walk.hazards) call.hazards.push_back(std::move(hazard));
    }
  }
  std::vector<HandlerCall> all;
  for (auto& [line, call] : calls) {
    std::stable_sort(call.hazards.begin(), call.hazards.end(), [](const HandlerHazard& a, const HandlerHazard& b) {
      return std::pair(!a.known, a.way.size()) < std::pair(!b.known, b.way.size());
    });
    all.push_back(std::move(call));
  }
  return all;
}

std::vector<FunctionIndex> reachedFrom(const Program& program, FunctionIndex handler) {
  std::vector<FunctionIndex> all{handler};
  for (std::size_t i = 0; i < all.size() && all.size() < kMaxReached; ++i) {
    for (const CallSite& call : program.bodies()[all[i]].calls) {
      if (call.spawn || call.guessed) continue;
      for (FunctionIndex target : call.targets)
        if (std::find(all.begin(), all.end(), target) == all.end()) all.push_back(target);
    }
  }
  return all;
}

}  // namespace deadheat
