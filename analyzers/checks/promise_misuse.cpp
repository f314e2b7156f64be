// promise-misuse: a result that is made once is stored or taken twice, or never stored on some way.
#include <algorithm>
#include <optional>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/result_lives.h"

namespace deadheat {
namespace {

using How = ResultUse::How;
using Side = ResultUse::Side;

constexpr CheckInfo kInfo = {
    .id = "promise-misuse",
    .title = "A promise is kept twice or never, or a future is asked again after it gave its result",
    .reason =
        R"(The two ends of a promise meet once. A second set_value or set_exception throws std::future_error, often in a
thread where nobody catches it. A promise that is destroyed before anything was stored, typically by an early return on
an error path, gives whoever waits a broken_promise instead of the error. get() takes the result out of a std::future:
asking again, or asking a future that was moved from or never given a state, is undefined or throws.)",
    .example = R"(void answer(std::promise<Reply> reply, const Request& r) {
  if (!r.valid()) return;  // whoever waits gets broken_promise
  reply.set_value(look(r));
})",
    .fix =
        R"(Store exactly one result on every way, errors included:

  if (!r.valid()) {
    reply.set_exception(std::make_exception_ptr(BadRequest()));
    return;
  }

Keep what get() returned, or share() the future where several ask.)",
    .cwe = "CWE-675",
};

class Look {
 public:
  Look(const Program& program, FunctionIndex function, ResultSummaries& summaries, std::vector<Finding>& findings)
      : program_(program),
        paths_(program.tables().paths),
        view_(program.view(function)),
        lives_(program, view_, summaries),
        findings_(findings) {}

  void look() {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      if (!lives_.isReached(b)) continue;
      for (std::uint32_t s = 0; s < view_.blocks[b].steps.size(); ++s) lookAt({b, s}, view_.blocks[b].steps[s]);
    }
    lookAtKept();
  }

 private:
  void lookAt(StepPlace place, const StepView& step) {
    if (const auto* use = std::get_if<ResultUse>(step.step->what)) {
      const ResultState* state = ResultLives::find(lives_.before(place), step.path);
      if (!state || state->side != use->side) return;
      if (use->how == How::Ends)
        lookAtEnd(place, step, *state);
      else if (const char* wrong = misuse(*use, *state))
        report(step, *state, wrong);
    } else if (std::holds_alternative<Call>(*step.step->what)) {
      lookAtCall(place, step);
    }
  }

  /// What is wrong about the use, on every way that leads to it; null if nothing is.
  static const char* misuse(const ResultUse& use, const ResultState& state) {
    const bool done = state.life == kDone, gone = state.life == kGone;
    switch (use.how) {
      case How::Stores:
        return done ? "stores a second result in" : gone ? "stores a result in the moved" : nullptr;
      case How::Hands:
        return state.handed ? "takes a second future of" : gone ? "takes the future of the moved" : nullptr;
      case How::Takes:
        return done ? "takes the result again from" : gone ? "asks for a result that has left" : nullptr;
      case How::Awaits:
      case How::Polls:
        return done ? "waits again for the taken result of" : gone ? "waits for a result that has left" : nullptr;
      default:
        return nullptr;
    }
  }

  void report(const StepView& step, const ResultState& state, const std::string& wrong) {
    const std::string name = nameOf(program_, step.path);
    Finding out = findingAt(program_, kInfo.id, momentAt(view_, step), name, wrong + " " + quoted(name));
    if (state.changed.line != 0) addEarlier(out, state, name);
    out.message = quoted(program_.functionName(view_.function)) + " " + wrong + " " + quoted(name) +
                  (state.side == Side::Maker ? ": this throws" : ": this throws or is undefined");
    rate(out, Confidence::High, "every way that leads here has done so before");
    addSite(out, step);
    out.fixHint = state.side == Side::Maker ? "Store one result, on each way once."
                                            : "Keep what get() returned, or share() the future.";
    findings_.push_back(std::move(out));
  }

  /// Where a run is to see std::future_error thrown.
  void addSite(Finding& out, const StepView& step) const {
    out.sites = {{Site::Kind::Result, program_.point(step.step->location), program_.functionName(view_.function), {}}};
  }

  void addEarlier(Finding& out, const ResultState& state, const std::string& name) const {
    auto& steps = out.witness.front().steps;
    steps.insert(steps.begin(), {WitnessStep::Kind::Other,
                                 program_.point(state.changed),
                                 program_.functionName(view_.function),
                                 "is done with " + quoted(name),
                                 {},
                                 0});
  }

  /// A callee stores, or takes, what has been stored or taken here.
  void lookAtCall(StepPlace place, const StepView& step) {
    for (const auto& [object, effect] : lives_.effectsOf(step)) {
      const ResultState* state = ResultLives::find(lives_.before(place), object);
      if (!state || !effect.stores || (state->life != kDone && state->life != kGone)) continue;
      const std::string name = nameOf(program_, object);
      const std::string callee = quoted(program_.functionName(step.targets.front()));
      const bool makes = state->side == Side::Maker;
      const std::string what = makes ? " store a second result in " : " take the result again from ";
      Finding out = findingAt(program_, kInfo.id, momentAt(view_, step), name, "lets " + callee + what + quoted(name));
      addEarlier(out, *state, name);
      out.message = quoted(program_.functionName(view_.function)) + " lets " + callee + what + quoted(name);
      const bool always = !(effect.atExit & kAsFound);
      rate(out, always ? Confidence::High : Confidence::Medium,
           always ? "every way through the callee does" : "some way through the callee does");
      addSite(out, step);
      out.fixHint = makes ? "Store one result, on each way once." : "Keep what get() returned, or share() the future.";
      findings_.push_back(std::move(out));
    }
  }

  /// A local promise ends. Temporaries and parts of closures live on elsewhere.
  void lookAtEnd(StepPlace place, const StepView& step, const ResultState& state) {
    const bool isVariable = paths_.isRoot(step.path) && paths_.storage(step.path) == Storage::Local &&
                            !nameOf(program_, step.path).starts_with("$");
    if (!isVariable || state.side != Side::Maker || !(state.life & kOpen) || (state.life & (kUnknown | kAsFound)))
      return;
    if (!isUsed(step.path, How::Hands) || unwinds(place.block)) return;
    const std::optional<std::uint32_t> from = wayThatForgets(place.block, step.path, state.life);
    if (from) reportForgotten(step.path, momentAt(view_, step), state.life == kOpen);
  }

  /// An exception passes: whoever waits gets to know that something went wrong, if not what.
  bool unwinds(std::uint32_t block) const {
    return view_.body->blocks[block].unwinds ||
           std::ranges::any_of(view_.blocks[block].steps,
                               [](const StepView& step) { return std::holds_alternative<Throw>(*step.step->what); });
  }

  /// Promises that the function was given to keep, by value or in its closure.
  void lookAtKept() {
    const std::uint32_t exit = view_.body->exit;
    std::set<PathId> seen;
    for (const BlockView& block : view_.blocks) {
      for (const StepView& step : block.steps) {
        const auto* use = std::get_if<ResultUse>(step.step->what);
        const bool settles = use && use->side == Side::Maker && (use->how == How::Stores || use->how == How::Leaves);
        if (!settles || !seen.insert(step.path).second || !isGivenToKeep(step.path)) continue;
        for (std::uint32_t from : view_.body->blocks[exit].predecessors) lookAtWayOut(from, step.path);
      }
    }
  }

  void lookAtWayOut(std::uint32_t from, PathId object) {
    if (!lives_.isReached(from)) return;
    const ResultState* state = ResultLives::find(lives_.atEnd(from), object);
    if (!state || !(state->life & kOpen) || (state->life & (kUnknown | kAsFound))) return;
    const std::optional<std::uint32_t> way = wayThatForgets(from, object, state->life);
    if (!way) return;
    const BlockView& last = view_.blocks[*way];
    Moment moment;
    moment.function = view_.function;
    moment.location =
        last.steps.empty() ? program_.bodies()[view_.function].location : last.steps.back().step->location;
    reportForgotten(object, moment, state->life == kOpen);
  }

  bool isGivenToKeep(PathId object) const {
    if (object == PathId::Unknown || paths_.passes(object, PathNode::Kind::Deref)) return false;
    if (paths_.storage(object) == Storage::Parameter) return paths_.isRoot(object);
    return paths_.storage(object) == Storage::This && !paths_.isRoot(object) &&
           program_.function(view_.function).kind == Function::Kind::Lambda;
  }

  bool isUsed(PathId object, How how) const {
    return std::ranges::any_of(view_.blocks, [&](const BlockView& block) {
      return std::ranges::any_of(block.steps, [&](const StepView& step) {
        const auto* use = std::get_if<ResultUse>(step.step->what);
        return use && use->how == how && step.path == object;
      });
    });
  }

  /// The block from which on, or before which, nothing has been stored for sure; none if each is reached in both ways.
  std::optional<std::uint32_t> wayThatForgets(std::uint32_t block, PathId object, ResultLife life) const {
    if (life == kOpen) return block;
    for (std::uint32_t before : view_.body->blocks[block].predecessors) {
      const ResultState* state = lives_.isReached(before) ? ResultLives::find(lives_.atEnd(before), object) : nullptr;
      if (state && state->life == kOpen) return before;
    }
    return std::nullopt;
  }

  void reportForgotten(PathId object, const Moment& moment, bool onThisWay) {
    const std::string name = nameOf(program_, object);
    Finding out = findingAt(program_, kInfo.id, moment, name, "leaves without a result in " + quoted(name));
    out.message = quoted(program_.functionName(view_.function)) + " may leave without storing a result in " +
                  quoted(name) + ": whoever waits for it gets broken_promise";
    if (!onThisWay)
      rate(out, Confidence::Medium, "a branch on the way leaves it out");
    else if (isGivenToKeep(object) && !isUsed(object, How::Stores))
      rate(out, Confidence::Medium, "other ways hand it on, so dropping it may be meant");
    else
      rate(out, Confidence::High, "every way to this end of the function leaves it out");
    out.fixHint = "Store a value or an exception on every way.";
    if (isGivenToKeep(object)) addCaller(out);
    findings_.push_back(std::move(out));
  }

  /// A parameter ends after the function, in whoever calls or starts it.
  void addCaller(Finding& out) const {
    const auto& all = program_.bodies().functions;
    for (std::size_t f = 0; f < all.size(); ++f)
      for (const StepBlock& block : all[f].blocks)
        for (const Step& step : block.steps)
          if (isCallOfThis(all[f], step)) return addCaller(out, static_cast<FunctionIndex>(f), all[f], step);
  }

  bool isCallOfThis(const Body& body, const Step& step) const {
    if (step.call == Step::kNoCall || body.calls[step.call].guessed) return false;
    return std::ranges::find(body.calls[step.call].targets, view_.function) != body.calls[step.call].targets.end();
  }

  void addCaller(Finding& out, FunctionIndex caller, const Body& body, const Step& step) const {
    const bool spawn = body.calls[step.call].spawn;
    const std::string does = (spawn ? "starts a thread in " : "calls ") + quoted(program_.functionName(view_.function));
    auto& steps = out.witness.front().steps;
    steps.insert(steps.begin(), {spawn ? WitnessStep::Kind::Spawn : WitnessStep::Kind::Call,
                                 program_.point(step.location),
                                 program_.functionName(caller),
                                 does,
                                 {},
                                 0});
  }

  const Program& program_;
  const PathTable& paths_;
  const FunctionView view_;
  const ResultLives lives_;
  std::vector<Finding>& findings_;
};

std::vector<Finding> run(const Program& program) {
  ResultSummaries summaries(program);
  std::vector<Finding> findings;
  for (std::uint32_t f = 0; f < program.bodies().functions.size(); ++f)
    if (summaries.concerns(static_cast<FunctionIndex>(f)))
      Look(program, static_cast<FunctionIndex>(f), summaries, findings).look();
  return findings;
}

}  // namespace

extern const Check kPromiseMisuse;
const Check kPromiseMisuse = {.info = kInfo, .run = run};

}  // namespace deadheat
