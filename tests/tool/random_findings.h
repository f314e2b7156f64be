// Random findings for round trips: every member takes many values, text has quotes, newlines and other alphabets.
#pragma once

#include <random>
#include <type_traits>

#include "tool/report/report.h"
#include "tool/report/words.h"

namespace deadheat {

class RandomReports {
 public:
  explicit RandomReports(std::uint32_t seed) : random_(seed) {}

  Report report() {
    Report report;
    report.command = text();
    report.root = text();
    report.findings = many([&] { return finding(); });
    report.notes = many([&] { return text(); });
    report.analysis = analysis();
    return report;
  }

  Finding finding() {
    Finding finding;
    finding.check = text();
    finding.message = text();
    finding.location = point();
    finding.confidence = word<Confidence>();
    finding.confidenceReason = text();
    finding.subjects = many([&] { return text(); });
    finding.functions = many([&] { return text(); });
    finding.witness = many([&] { return WitnessThread{text(), many([&] { return step(); })}; });
    finding.sites = many([&] { return Site{word<Site::Kind>(), point(), text(), point()}; });
    finding.places = many([&] { return Site{word<Site::Kind>(), point(), text(), point()}; });
    finding.fixHint = text();
    finding.verdict = {word<Verdict::Kind>(), word<Verdict::Proof>(), text(), number(), number(), text(), text(), text(), {text(), text()}, {text()}};
    finding.origin = word<Finding::Origin>();
    return finding;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::uint32_t number() { return below(2) == 0 ? static_cast<std::uint32_t>(below(100)) : random_(); }

  std::string text() {
    static const std::vector<std::string> kPieces = {"a",          "Cache::hits_", "\"",   "\\",     "\n", "\t",
                                                     "é",          "日本",         "𝄞",    "[x](y)", "/",  " ",
                                                     "operator[]", "<&>",          "\x01", "%"};
    std::string result;
    for (std::size_t i = below(5); i > 0; --i) result += kPieces[below(kPieces.size())];
    return result;
  }

  template <typename Make>
  std::vector<std::invoke_result_t<Make>> many(Make make) {
    std::vector<std::invoke_result_t<Make>> result;
    for (std::size_t i = below(4); i > 0; --i) result.push_back(make());
    return result;
  }

  template <typename Enum>
  Enum word() {
    return wordsOf<Enum>()[below(wordsOf<Enum>().size())].value;
  }

  SourcePoint point() { return {text(), number(), number()}; }
  WitnessStep step() {
    return {word<WitnessStep::Kind>(), point(), text(), text(), many([&] { return text(); }), number()};
  }

  AnalysisSummary analysis() {
    AnalysisSummary analysis;
    analysis.unitsInDatabase = number();
    analysis.unitsSelected = number();
    analysis.unitsAnalysed = number();
    analysis.unitsFromCache = number();
    analysis.functions = number();
    analysis.failures = many([&] { return UnitFailure{text(), text()}; });
    analysis.droppedFlags = many([&] { return text(); });
    analysis.extractSeconds = number() / 1024.0;
    analysis.linkSeconds = number() / 1024.0;
    analysis.checkSeconds = number() / 1024.0;
    analysis.peakMemoryBytes = std::uint64_t{number()} << 8;
    analysis.workerMemoryBytes = std::uint64_t{number()} << 8;
    return analysis;
  }

  std::mt19937 random_;
};

}  // namespace deadheat
