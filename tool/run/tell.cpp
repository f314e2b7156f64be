#include "tool/run/tell.h"

#include <algorithm>

namespace deadheat {
namespace {

void sortUnique(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

}  // namespace

void completeDynamic(Finding& finding) {
  finding.origin = Finding::Origin::Dynamic;
  finding.confidence = Confidence::High;
  finding.confidenceReason = "seen in a run";
  for (const WitnessThread& thread : finding.witness) finding.functions.push_back(thread.steps.back().function);
  std::erase(finding.functions, "");
  sortUnique(finding.functions);
  sortUnique(finding.subjects);
  if (!finding.witness.empty()) finding.location = finding.witness.front().steps.back().point;
}

Site siteAt(const WitnessThread& thread, Site::Kind kind) {
  const WitnessStep& last = thread.steps.back();
  return {kind, last.point, last.function, {}};
}

std::string inFunction(const WitnessThread& thread) {
  const WitnessStep& last = thread.steps.back();
  return thread.name + (last.function.empty() ? "" : " in '" + last.function + "'");
}

}  // namespace deadheat
