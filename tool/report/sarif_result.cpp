#include "tool/report/sarif_result.h"

#include <algorithm>

#include "llvm/ADT/StringExtras.h"
#include "tool/report/line_hash.h"
#include "tool/report/report.h"
#include "tool/report/words.h"

namespace deadheat {
namespace {

using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

std::string percentEncoded(const std::string& path) {
  std::string uri;
  for (char c : path) {
    bool safe = llvm::isAlnum(c) || llvm::StringRef("/-._~").contains(c);
    uri += safe ? std::string(1, c) : "%" + llvm::toHex(llvm::StringRef(&c, 1));
  }
  return uri;
}

/// Message text in which nothing but our own links reads as one. Left alone where nothing could, as viewers show
/// backslashes outside links.
std::string escapeLinks(llvm::StringRef text) {
  if (!text.contains("](")) return text.str();
  std::string escaped;
  for (char c : text) {
    if (c == '[' || c == ']' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

llvm::StringRef levelOf(const Finding& finding) {
  int rank = sarifRank(finding);
  return rank >= 80 ? "error" : rank >= 50 ? "warning" : "note";
}

Array kindsOf(WitnessStep::Kind kind, bool last) {
  using Kind = WitnessStep::Kind;
  Array kinds;
  if (last) kinds.push_back("danger");
  switch (kind) {
    case Kind::Spawn:
      kinds.push_back("call");
      break;
    case Kind::Call:
      kinds.push_back("call");
      break;
    case Kind::Acquire:
      kinds.push_back("acquire"), kinds.push_back("lock");
      break;
    case Kind::Release:
      kinds.push_back("release"), kinds.push_back("lock");
      break;
    case Kind::Read:
    case Kind::Write:
      kinds.push_back("memory");
      break;
    case Kind::Free:
      kinds.push_back("release"), kinds.push_back("memory");
      break;
    case Kind::Wait:
      kinds.push_back("lock");
      break;
    case Kind::Other:
      break;
  }
  return kinds;
}

std::string functionAt(const Finding& finding, const SourcePoint& point) {
  for (const WitnessThread& thread : finding.witness)
    for (const WitnessStep& step : thread.steps)
      if (step.point == point) return step.function;
  for (const auto* sites : {&finding.sites, &finding.places})
    for (const Site& site : *sites)
      if (site.point == point) return site.function;
  return {};
}

/// Text of a link: brackets would end it.
std::string linkText(const std::string& text) {
  std::string safe = text;
  std::replace(safe.begin(), safe.end(), '[', '(');
  std::replace(safe.begin(), safe.end(), ']', ')');
  return safe;
}

Array logical(const std::string& function) {
  return Array{Object{{"fullyQualifiedName", sarifText(function)}, {"kind", "function"}}};
}

Object properties(const Finding& finding) {
  Array subjects;
  for (const std::string& subject : finding.subjects) subjects.push_back(sarifText(subject));
  Object result{{"verdict", wordFor(finding.verdict.kind)},
                {"proof", wordFor(finding.verdict.proof)},
                {"verdictText", sarifText(verdictText(finding.verdict))},
                {"attempts", finding.verdict.attempts},
                {"reached", finding.verdict.reached},
                {"confidence", wordFor(finding.confidence)},
                {"confidenceReason", sarifText(finding.confidenceReason)},
                {"origin", wordFor(finding.origin)},
                {"subjects", std::move(subjects)},
                {"id", shortId(finding)}};
  if (!finding.fixHint.empty()) result["fixHint"] = sarifText(finding.fixHint);
  if (!finding.verdict.effect.empty()) result["effect"] = sarifText(finding.verdict.effect);
  if (!finding.verdict.schedule.empty()) result["schedule"] = sarifText(finding.verdict.schedule);
  if (!finding.verdict.recording.empty()) result["recording"] = sarifText(finding.verdict.recording);
  return result;
}

}  // namespace

Value sarifText(std::string_view text) {
  llvm::StringRef bytes(text);
  return llvm::json::isUTF8(bytes) ? Value(bytes.str()) : Value(llvm::json::fixUTF8(bytes));
}

std::string sarifFolderUri(const std::string& folder) {
  std::string uri = "file://" + percentEncoded(folder);
  return uri.ends_with('/') ? uri : uri + "/";
}

Object sarifArtifact(const std::string& file, const std::string& root) {
  std::string relative = relativeTo(file, root);
  if (!relative.starts_with('/')) {
    Object artifact{{"uri", percentEncoded(relative)}};
    if (!root.empty()) artifact["uriBaseId"] = kSarifRootId;
    return artifact;
  }
  return Object{{"uri", "file://" + percentEncoded(file)}};
}

int sarifRank(const Finding& finding) {
  if (finding.verdict.kind == Verdict::Kind::Confirmed) return 100;
  switch (finding.confidence) {
    case Confidence::High:
      return 80;
    case Confidence::Medium:
      return 50;
    case Confidence::Low:
      return 20;
  }
  return 20;
}

Array SarifResults::all(const std::vector<Finding>& findings) {
  Array results;
  for (const Finding& finding : findings) results.push_back(result(finding));
  return results;
}

Object SarifResults::physical(const SourcePoint& point) {
  Object physical{{"artifactLocation", sarifArtifact(point.file, root_)}};
  if (point.line == 0) return physical;
  Object region{{"startLine", point.line}, {"endLine", point.line}};
  if (point.column != 0) {
    std::string_view line = sources_.line(point.file, point.line).value_or(std::string_view());
    region["startColumn"] = utf16Column(line, point.column);
    region["endColumn"] = utf16Column(line, tokenEnd(line, point.column));
  }
  physical["region"] = std::move(region);
  return physical;
}

Object SarifResults::location(const SourcePoint& point, const std::string& function) {
  Object location;
  if (!point.file.empty()) location["physicalLocation"] = physical(point);
  if (!function.empty()) location["logicalLocations"] = logical(function);
  return location;
}

Object SarifResults::stepLocation(std::size_t threadIndex, const WitnessThread& thread, const WitnessStep& step) {
  bool last = &step == &thread.steps.back();
  std::string text = stepLabel(threadIndex, thread, step) + " " + step.text;
  if (!step.locks.empty()) text += ", holding " + lockSetText(step.locks);
  Object place = location(step.point, step.function);
  place["message"] = Object{{"text", sarifText(escapeLinks(text))}};
  Object result{{"nestingLevel", 1},
                {"importance", last ? "essential" : "important"},
                {"kinds", kindsOf(step.kind, last)},
                {"location", std::move(place)}};
  std::string locks = step.locks.empty() ? "{}" : lockSetText(step.locks);
  result["state"] = Object{{"locks held", Object{{"text", sarifText(locks)}}}};
  if (step.order != 0) result["executionOrder"] = step.order;
  return result;
}

Array SarifResults::threadFlows(const Finding& finding) {
  Array flows;
  for (std::size_t i = 0; i < finding.witness.size(); ++i) {
    const WitnessThread& thread = finding.witness[i];
    if (thread.steps.empty()) continue;
    Array locations;
    for (const WitnessStep& step : thread.steps) locations.push_back(stepLocation(i, thread, step));
    flows.push_back(Object{{"id", sarifText("T" + std::to_string(i + 1) + " " + thread.name)},
                           {"locations", std::move(locations)}});
  }
  return flows;
}

Object SarifResults::frame(const SourcePoint& point, const std::string& function, std::size_t thread) {
  return Object{{"threadId", static_cast<std::int64_t>(thread)}, {"location", location(point, function)}};
}

Array SarifResults::stacks(const Finding& finding) {
  Array stacks;
  for (std::size_t i = 0; i < finding.witness.size(); ++i) {
    const WitnessThread& thread = finding.witness[i];
    if (thread.steps.empty()) continue;
    const WitnessStep& last = thread.steps.back();
    Array frames{frame(last.point, last.function, i)};
    for (auto step = thread.steps.rbegin() + 1; step != thread.steps.rend(); ++step)
      if (step->kind == WitnessStep::Kind::Call) frames.push_back(frame(step->point, step->function, i));
    std::string title = "T" + std::to_string(i + 1) + " " + thread.name + ": " + last.text;
    stacks.push_back(
        Object{{"message", Object{{"text", sarifText(escapeLinks(title))}}}, {"frames", std::move(frames)}});
  }
  return stacks;
}

std::vector<SarifResults::Related> SarifResults::relatedPlaces(const Finding& finding) const {
  std::vector<Related> places;
  auto add = [&](const SourcePoint& point, const std::string& function, const std::string& text, bool linked) {
    bool known = point == finding.location ||
                 std::any_of(places.begin(), places.end(), [&](const Related& place) { return place.point == point; });
    if (!point.file.empty() && !known) places.push_back({point, function, text, linked});
  };
  for (const WitnessThread& thread : finding.witness)
    if (!thread.steps.empty())
      add(thread.steps.back().point, thread.steps.back().function, thread.name + ": " + thread.steps.back().text, true);
  for (const Site& site : finding.sites)
    add(site.point, site.function, "other " + std::string(wordFor(site.kind)), true);
  for (const Site& site : finding.sites) add(site.heldSince, site.function, "lock already held, taken here", true);
  for (const Site& site : finding.places)
    add(site.point, site.function, "another " + std::string(wordFor(site.kind)), false);
  for (const WitnessThread& thread : finding.witness)
    for (const WitnessStep& step : thread.steps)
      if (step.kind == WitnessStep::Kind::Spawn) add(step.point, step.function, step.text, false);
  return places;
}

std::string SarifResults::lineHash(const SourcePoint& point) {
  auto [entry, isNew] = lineHashes_.try_emplace(point.file);
  if (isNew)
    if (const std::string* text = sources_.whole(point.file)) entry->second = lineHashes(*text);
  bool known = point.line != 0 && point.line <= entry->second.size();
  return known ? entry->second[point.line - 1] : std::string();
}

Object SarifResults::fingerprints(const Finding& finding) {
  Object result{{"deadheat/findingKey/v1", fingerprint(finding)}};
  if (std::string hash = lineHash(finding.location); !hash.empty()) result["primaryLocationLineHash"] = hash;
  return result;
}

Object SarifResults::result(const Finding& finding) {
  std::string message = escapeLinks(llvm::StringRef(finding.message).rtrim('.'));
  Array related;
  for (const Related& place : relatedPlaces(finding)) {
    auto id = static_cast<std::int64_t>(related.size() + 1);
    Object entry = location(place.point, place.function);
    entry["id"] = id;
    entry["message"] = Object{{"text", sarifText(escapeLinks(place.text))}};
    related.push_back(std::move(entry));
    if (place.linked) message += (id == 1 ? ". See [" : ", [") + linkText(place.text) + "](" + std::to_string(id) + ")";
  }
  Object result{{"ruleId", sarifText(finding.check)},
                {"level", levelOf(finding)},
                {"rank", sarifRank(finding)},
                {"message", Object{{"text", sarifText(message)}}},
                {"partialFingerprints", fingerprints(finding)},
                {"properties", properties(finding)}};
  if (auto rule = rules_.find(finding.check); rule != rules_.end())
    result["ruleIndex"] = static_cast<std::int64_t>(rule->second);
  if (!finding.location.file.empty())
    result["locations"] = Array{location(finding.location, functionAt(finding, finding.location))};
  if (!related.empty()) result["relatedLocations"] = std::move(related);
  if (Array flows = threadFlows(finding); !flows.empty())
    result["codeFlows"] = Array{Object{{"threadFlows", std::move(flows)}}};
  if (Array frames = stacks(finding); !frames.empty()) result["stacks"] = std::move(frames);
  return result;
}

}  // namespace deadheat
