// The sarif format: the log, its run and its rules. One result is sarif_result.cpp.
//
// Consumers disagree on what they read, so the same facts are said several ways: only one entry in `locations` (some
// make a finding of each), the other accesses as linked `relatedLocations`, one threadFlow a thread with an execution
// order, and the same again as `stacks` for viewers that show the first threadFlow only.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "tool/report/format.h"
#include "tool/report/sarif_result.h"
#include "tool/version.h"

namespace deadheat {
namespace {

using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

constexpr llvm::StringLiteral kSchema = "https://json.schemastore.org/sarif-2.1.0.json";

/// `lock-order` -> `LockOrder`.
std::string ruleName(llvm::StringRef id) {
  std::string name;
  for (llvm::StringRef part : llvm::split(id, '-'))
    if (!part.empty()) name += llvm::toUpper(part.front()) + part.drop_front().str();
  return name;
}

/// How sure one may be of a rule's results: as sure as of the surest of them in this run.
llvm::StringRef precisionOf(const std::string& check, const Report& report) {
  int best = -1;
  for (const Finding& finding : report.findings)
    if (finding.check == check) best = std::max(best, sarifRank(finding));
  if (best < 0) return "high";
  return best >= 100 ? "very-high" : best >= 80 ? "high" : best >= 50 ? "medium" : "low";
}

Object ruleText(const CheckInfo& info) {
  std::string plain = (info.reason + llvm::Twine("\n\nHow to mend it: ") + info.fix).str();
  std::string markdown = llvm::formatv("{0}\n\n```cpp\n{1}\n```\n\n**How to mend it**\n\n{2}", info.reason,
                                       llvm::StringRef(info.example).trim('\n'), info.fix);
  return Object{{"text", sarifText(plain)}, {"markdown", sarifText(markdown)}};
}

Object ruleOf(const CheckInfo& info, const Report& report) {
  std::string id(info.id);
  Array tags{"concurrency", "correctness"};
  if (!info.cwe.empty()) tags.push_back("external/cwe/" + llvm::StringRef(info.cwe).lower());
  return Object{
      {"id", id},
      {"name", ruleName(id)},
      {"shortDescription", Object{{"text", sarifText(info.title)}}},
      {"fullDescription", Object{{"text", sarifText(info.reason)}}},
      {"help", ruleText(info)},
      {"defaultConfiguration", Object{{"level", "warning"}}},
      {"properties",
       Object{{"tags", std::move(tags)}, {"precision", precisionOf(id, report)}, {"problem.severity", "error"}}}};
}

/// Rules of all checks, and bare ones for findings of checks this version does not know.
Array rulesOf(const Report& report, SarifRules& indices) {
  Array rules;
  auto add = [&](const CheckInfo& info) {
    indices.emplace(info.id, rules.size());
    rules.push_back(ruleOf(info, report));
  };
  for (const Check& check : allChecks()) add(check.info);
  for (const Finding& finding : report.findings) {
    if (indices.contains(finding.check)) continue;
    std::string_view id = finding.check;
    add({.id = id, .title = id, .reason = id, .example = {}, .fix = "see the finding's message.", .cwe = {}});
  }
  return rules;
}

Object notification(const std::string& message, const std::string& file, const Report& report) {
  Object result{{"level", "error"}, {"message", Object{{"text", sarifText(message)}}}};
  if (!file.empty())
    result["locations"] =
        Array{Object{{"physicalLocation", Object{{"artifactLocation", sarifArtifact(file, report.root)}}}}};
  return result;
}

Object invocationOf(const Report& report) {
  Array notifications;
  for (const UnitFailure& failure : report.analysis.failures)
    notifications.push_back(notification(failure.reason, failure.file, report));
  for (const std::string& note : report.notes) notifications.push_back(notification(note, "", report));
  Object result{{"executionSuccessful", true}, {"toolExecutionNotifications", std::move(notifications)}};
  if (!report.root.empty()) result["workingDirectory"] = Object{{"uri", sarifFolderUri(report.root)}};
  return result;
}

Object runOf(const Report& report) {
  SarifRules ruleIndices;
  Array rules = rulesOf(report, ruleIndices);
  SarifResults results(report.root, ruleIndices);
  Object driver{{"name", "deadheat"},
                {"version", llvm::StringRef(version())},
                {"semanticVersion", llvm::StringRef(version())},
                {"rules", std::move(rules)}};
  Object run{{"tool", Object{{"driver", std::move(driver)}}},
             {"columnKind", "utf16CodeUnits"},
             {"automationDetails", Object{{"id", "deadheat/" + report.command + "/"}}},
             {"invocations", Array{invocationOf(report)}},
             {"results", results.all(report.findings)}};
  if (!report.root.empty())
    run["originalUriBaseIds"] = Object{{kSarifRootId, Object{{"uri", sarifFolderUri(report.root)}}}};
  return run;
}

}  // namespace

void renderSarif(const Report& report, Coloring, llvm::raw_ostream& out) {
  Object log{{"$schema", kSchema}, {"version", "2.1.0"}, {"runs", Array{runOf(report)}}};
  out << llvm::formatv("{0:2}", Value(std::move(log))) << '\n';
}

}  // namespace deadheat
