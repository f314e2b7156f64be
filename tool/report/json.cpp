// The json format: the findings file, written.
#include "llvm/Support/FormatVariadic.h"
#include "tool/report/findings_file.h"
#include "tool/report/format.h"
#include "tool/report/words.h"
#include "tool/version.h"

namespace deadheat {
namespace {

using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

Value text(std::string_view text) {
  llvm::StringRef bytes(text);
  return llvm::json::isUTF8(bytes) ? Value(bytes.str()) : Value(llvm::json::fixUTF8(bytes));
}

template <typename Range, typename Convert>
Array array(const Range& range, Convert convert) {
  Array result;
  for (const auto& item : range) result.push_back(convert(item));
  return result;
}

Array texts(const std::vector<std::string>& values) {
  return array(values, [](const std::string& value) { return text(value); });
}

Object pointJson(const SourcePoint& point) {
  return Object{{"file", text(point.file)}, {"line", point.line}, {"column", point.column}};
}

Value stepJson(const WitnessStep& step) {
  return Object{{"kind", wordFor(step.kind)}, {"point", pointJson(step.point)}, {"function", text(step.function)},
                {"text", text(step.text)},    {"locks", texts(step.locks)},     {"order", step.order}};
}

Value threadJson(const WitnessThread& thread) {
  return Object{{"name", text(thread.name)}, {"steps", array(thread.steps, stepJson)}};
}

Value siteJson(const Site& site) {
  return Object{{"kind", wordFor(site.kind)},
                {"point", pointJson(site.point)},
                {"function", text(site.function)},
                {"heldSince", pointJson(site.heldSince)}};
}

Object verdictJson(const Verdict& verdict) {
  return Object{{"kind", wordFor(verdict.kind)},  {"proof", wordFor(verdict.proof)},
                {"reason", text(verdict.reason)}, {"attempts", verdict.attempts},
                {"reached", verdict.reached},     {"recording", text(verdict.recording)},
                {"schedule", text(verdict.schedule)}, {"effect", text(verdict.effect)},
                {"interleaving", array(verdict.interleaving, text)}, {"lanes", array(verdict.lanes, text)}};
}

Value findingJson(const Finding& finding) {
  return Object{{"id", fingerprint(finding)},
                {"check", text(finding.check)},
                {"message", text(finding.message)},
                {"location", pointJson(finding.location)},
                {"confidence", wordFor(finding.confidence)},
                {"confidenceReason", text(finding.confidenceReason)},
                {"subjects", texts(finding.subjects)},
                {"functions", texts(finding.functions)},
                {"witness", array(finding.witness, threadJson)},
                {"sites", array(finding.sites, siteJson)},
                {"places", array(finding.places, siteJson)},
                {"fixHint", text(finding.fixHint)},
                {"verdict", verdictJson(finding.verdict)},
                {"origin", wordFor(finding.origin)}};
}

Value failureJson(const UnitFailure& failure) {
  return Object{{"file", text(failure.file)}, {"reason", text(failure.reason)}};
}

Object analysisJson(const AnalysisSummary& analysis) {
  return Object{{"unitsInDatabase", analysis.unitsInDatabase},
                {"unitsSelected", analysis.unitsSelected},
                {"unitsAnalysed", analysis.unitsAnalysed},
                {"unitsFromCache", analysis.unitsFromCache},
                {"functions", analysis.functions},
                {"failures", array(analysis.failures, failureJson)},
                {"droppedFlags", texts(analysis.droppedFlags)},
                {"extractSeconds", analysis.extractSeconds},
                {"linkSeconds", analysis.linkSeconds},
                {"checkSeconds", analysis.checkSeconds},
                {"peakMemoryBytes", static_cast<std::int64_t>(analysis.peakMemoryBytes)},
                {"workerMemoryBytes", static_cast<std::int64_t>(analysis.workerMemoryBytes)}};
}

}  // namespace

llvm::json::Value toJson(const Report& report) {
  return Object{{"format", "deadheat-findings"},
                {"version", kFindingsFormatVersion},
                {"tool", Object{{"name", "deadheat"}, {"version", text(version())}}},
                {"command", text(report.command)},
                {"root", text(report.root)},
                {"analysis", analysisJson(report.analysis)},
                {"notes", texts(report.notes)},
                {"findings", array(report.findings, findingJson)}};
}

void renderJson(const Report& report, Coloring, llvm::raw_ostream& out) {
  out << llvm::formatv("{0:2}", toJson(report)) << '\n';
}

}  // namespace deadheat
