#include "analyzers/checks/place_finding.h"

#include <algorithm>

namespace deadheat {
namespace {

WitnessStep lastStep(const Program& program, const Moment& moment, std::string does) {
  WitnessStep step;
  step.point = program.point(moment.location);
  step.function = program.functionName(moment.function);
  step.text = std::move(does);
  return step;
}

}  // namespace

Moment momentAt(const FunctionView& view, const StepView& step) {
  Moment moment;
  moment.held = step.held;
  moment.released = step.released;
  moment.live = step.live;
  moment.function = view.function;
  moment.location = step.step->location;
  return moment;
}

Finding findingAt(const Program& program, std::string_view check, const Moment& moment, const std::string& subject,
                  std::string does) {
  Finding out;
  out.check = check;
  out.location = program.point(moment.location);
  if (!subject.empty()) out.subjects = {subject};
  out.functions = {program.functionName(moment.function)};
  out.witness = {witnessThread(program, nullptr, 0, moment, lastStep(program, moment, std::move(does)))};
  return out;
}

void addPlace(const Program& program, Finding& finding, const Moment& moment, std::string does,
              std::string thread) {
  finding.witness.push_back(witnessThread(program, nullptr, 0, moment, lastStep(program, moment, std::move(does))));
  if (!thread.empty()) finding.witness.back().name = std::move(thread);
  const std::string function = program.functionName(moment.function);
  auto at = std::lower_bound(finding.functions.begin(), finding.functions.end(), function);
  if (at == finding.functions.end() || *at != function) finding.functions.insert(at, function);
}

void rate(Finding& finding, Confidence confidence, std::string reason) {
  finding.confidence = confidence;
  finding.confidenceReason = std::move(reason);
}

}  // namespace deadheat
