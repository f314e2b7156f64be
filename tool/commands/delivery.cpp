#include "tool/commands/delivery.h"

#include <algorithm>

#include "tool/report/words.h"

namespace deadheat {

bool reaches(const Finding& finding, const std::string& threshold) {
  bool confirmed = finding.verdict.kind == Verdict::Kind::Confirmed;
  if (threshold == "never") return false;
  if (threshold == "any" || confirmed) return true;
  auto confidence = fromWord<Confidence>(threshold);
  return confidence && finding.confidence >= *confidence;
}

std::string countText(const std::vector<Finding>& findings) {
  if (findings.empty()) return "no findings";
  std::size_t confirmed = 0;
  std::size_t byConfidence[3] = {};
  for (const Finding& finding : findings) {
    confirmed += finding.verdict.kind == Verdict::Kind::Confirmed ? 1 : 0;
    ++byConfidence[static_cast<std::size_t>(finding.confidence)];
  }
  std::string parts;
  auto add = [&](std::size_t count, std::string_view what) {
    if (count != 0) parts += (parts.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(what);
  };
  add(confirmed, "confirmed");
  for (Confidence confidence : {Confidence::High, Confidence::Medium, Confidence::Low})
    add(byConfidence[static_cast<std::size_t>(confidence)], std::string(wordFor(confidence)) + " confidence");
  return std::to_string(findings.size()) + (findings.size() == 1 ? " finding (" : " findings (") + parts + ")";
}

llvm::Expected<Delivery> Delivery::prepare(const OutputOptions& options, std::vector<std::string> defaultOutputs) {
  Delivery delivery;
  delivery.options_ = &options;
  for (const std::string& text : options.outputs.empty() ? defaultOutputs : options.outputs) {
    auto output = parseOutput(text);
    if (!output) return usageError(llvm::toString(output.takeError()));
    delivery.outputs_.push_back(std::move(*output));
  }
  if (llvm::Error error = checkWritable(delivery.outputs_)) return std::move(error);
  return delivery;
}

void Delivery::filter(std::vector<Finding>& findings) const {
  std::erase_if(findings, [&](const Finding& finding) { return !reaches(finding, options_->minConfidence); });
}

ExitCode Delivery::deliver(Report report, Completeness completeness, const std::string& preamble) const {
  filter(report.findings);
  report.root = options_->rootFolder();
  Console console = options_->console();
  Coloring coloring = useColor(options_->colorWhen(), 1) ? Coloring::Colored : Coloring::Plain;
  llvm::Error error = writeOutputs(report, outputs_, coloring);
  console.info(preamble + (preamble.empty() ? "" : ": ") + countText(report.findings));
  if (error) {
    fail(console, std::move(error));
    return ExitCode::ToolError;
  }
  bool bad = std::any_of(report.findings.begin(), report.findings.end(),
                         [&](const Finding& finding) { return reaches(finding, options_->failOn); });
  if (bad) return ExitCode::Findings;
  return completeness == Completeness::Incomplete ? ExitCode::Incomplete : ExitCode::Clean;
}

}  // namespace deadheat
