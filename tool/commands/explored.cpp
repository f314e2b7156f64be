#include "tool/commands/explored.h"

#include "llvm/Support/FormatVariadic.h"

namespace deadheat {
namespace {

std::string summaryOf(const ExploredFailure& failure) {
  const Finding& finding = failure.finding;
  if (finding.verdict.attempts == 0) return finding.check + " predicted, not forced";
  std::string text =
      finding.check + " in schedule " + std::to_string(finding.verdict.attempts) + " (" + failure.strategy + ")";
  if (finding.verdict.recording.empty()) return text;
  return text + ", " + std::to_string(failure.deviationsLeft) + " of " + std::to_string(failure.deviations) +
         " switches needed: deadheat replay " + finding.verdict.recording;
}

}  // namespace

int deliverExplored(const Delivery& delivery, const std::string& command, ExploreResult result,
                    const Console& console) {
  Report report;
  report.command = command;
  report.notes = result.notes;
  std::vector<std::string> lines;
  for (ExploredFailure& failure : result.failures) {
    lines.push_back(summaryOf(failure));
    report.findings.push_back(std::move(failure.finding));
  }
  for (const std::string& note : result.notes) console.warning(note);
  std::string preamble = llvm::formatv("{0} schedules in {1:F1} s, up to {2} threads and {3} steps", result.runs,
                                       static_cast<double>(result.elapsed.count()) / 1000, result.mostThreads,
                                       result.mostSteps);
  if (!result.coverage.empty()) preamble += "; " + result.coverage;
  const ExitCode code = delivery.deliver(std::move(report), Completeness::Complete, preamble);
  for (const std::string& line : lines) console.info(line);
  return toInt(code);
}

}  // namespace deadheat
