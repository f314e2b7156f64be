// Words: the one spelling of every enumeration of a finding, used by all formats and read back by findings_file.h; and
// sentences on verdicts and confidence for people.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analyzers/findings/finding.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {

template <typename Enum>
struct Word {
  Enum value;
  std::string_view text;
};

/// All words of an enumeration; specialised in words.cpp for the enumerations of finding.h.
template <typename Enum>
std::span<const Word<Enum>> wordsOf();

template <>
std::span<const Word<Confidence>> wordsOf<Confidence>();
template <>
std::span<const Word<Verdict::Kind>> wordsOf<Verdict::Kind>();
template <>
std::span<const Word<Verdict::Proof>> wordsOf<Verdict::Proof>();
template <>
std::span<const Word<WitnessStep::Kind>> wordsOf<WitnessStep::Kind>();
template <>
std::span<const Word<Site::Kind>> wordsOf<Site::Kind>();
template <>
std::span<const Word<Finding::Origin>> wordsOf<Finding::Origin>();

/// `not-reproduced`, `high` …
template <typename Enum>
llvm::StringRef wordFor(Enum value) {
  for (const auto& word : wordsOf<Enum>())
    if (word.value == value) return word.text;
  return "unknown";
}

/// The value that `text` is the word for.
template <typename Enum>
std::optional<Enum> fromWord(std::string_view text) {
  for (const auto& word : wordsOf<Enum>())
    if (word.text == text) return word.value;
  return std::nullopt;
}

/// `confirmed: caught in the act (3 runs)`, `not reproduced in 10 runs, 4 of which reached every site`.
std::string verdictText(const Verdict& verdict);

/// The same in a word or three, for tables: `confirmed (caught)`, `not reproduced`.
std::string shortVerdict(const Verdict& verdict);

/// `high: both accesses name the same global`.
std::string confidenceText(const Finding& finding);

/// What a step is introduced by: `[T2 thread 'work' #3]`: the witness's second thread, third in the interleaving.
std::string stepLabel(std::size_t threadIndex, const WitnessThread& thread, const WitnessStep& step);

/// `{mu, other}`; empty for no locks.
std::string lockSetText(const std::vector<std::string>& locks);

}  // namespace deadheat
