// One finding as a SARIF result, and the small pieces that sarif.cpp shares: text, URIs, ranks.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/findings/finding.h"
#include "llvm/Support/JSON.h"
#include "tool/report/source_text.h"

namespace deadheat {

/// Where each rule stands in `tool.driver.rules`.
using SarifRules = std::map<std::string, std::size_t, std::less<>>;

/// Name of the folder that relative URIs start from.
inline constexpr llvm::StringLiteral kSarifRootId = "SRCROOT";

/// Text as JSON, repaired where it is not UTF-8.
llvm::json::Value sarifText(std::string_view text);

/// `file:///a/b/`, with a slash at the end as base URIs need.
std::string sarifFolderUri(const std::string& folder);

/// An artifactLocation: relative to SRCROOT below `root`, a file URI elsewhere.
llvm::json::Object sarifArtifact(const std::string& file, const std::string& root);

/// 0 to 100: confirmed 100, then by confidence.
int sarifRank(const Finding& finding);

/// Turns findings into results; keeps sources and line hashes between them.
class SarifResults {
 public:
  SarifResults(const std::string& root, const SarifRules& rules) : root_(root), rules_(rules) {}
  llvm::json::Array all(const std::vector<Finding>& findings);

 private:
  /// A place worth linking from the message.
  struct Related {
    SourcePoint point;
    std::string function;
    std::string text;
    bool linked;
  };

  llvm::json::Object result(const Finding& finding);
  llvm::json::Object physical(const SourcePoint& point);
  llvm::json::Object location(const SourcePoint& point, const std::string& function);
  llvm::json::Object stepLocation(std::size_t threadIndex, const WitnessThread& thread, const WitnessStep& step);
  llvm::json::Array threadFlows(const Finding& finding);
  llvm::json::Array stacks(const Finding& finding);
  llvm::json::Object frame(const SourcePoint& point, const std::string& function, std::size_t thread);
  std::vector<Related> relatedPlaces(const Finding& finding) const;
  llvm::json::Object fingerprints(const Finding& finding);
  std::string lineHash(const SourcePoint& point);

  const std::string& root_;
  const SarifRules& rules_;
  SourceText sources_;
  std::map<std::string, std::vector<std::string>> lineHashes_;
};

}  // namespace deadheat
