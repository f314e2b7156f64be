#include "tool/report/words.h"

#include "llvm/ADT/StringExtras.h"

namespace deadheat {
namespace {

constexpr Word<Confidence> kConfidence[] = {
    {Confidence::Low, "low"}, {Confidence::Medium, "medium"}, {Confidence::High, "high"}};

constexpr Word<Verdict::Kind> kVerdict[] = {{Verdict::Kind::Suspected, "suspected"},
                                            {Verdict::Kind::Confirmed, "confirmed"},
                                            {Verdict::Kind::Predicted, "predicted"},
                                            {Verdict::Kind::NotReproduced, "not-reproduced"},
                                            {Verdict::Kind::NotRun, "not-run"}};

constexpr Word<Verdict::Proof> kProof[] = {
    {Verdict::Proof::None, "none"}, {Verdict::Proof::Observed, "observed"}, {Verdict::Proof::Caught, "caught"}};

constexpr Word<WitnessStep::Kind> kStep[] = {
    {WitnessStep::Kind::Spawn, "spawn"},     {WitnessStep::Kind::Call, "call"}, {WitnessStep::Kind::Acquire, "acquire"},
    {WitnessStep::Kind::Release, "release"}, {WitnessStep::Kind::Read, "read"}, {WitnessStep::Kind::Write, "write"},
    {WitnessStep::Kind::Wait, "wait"},       {WitnessStep::Kind::Free, "free"}, {WitnessStep::Kind::Other, "other"}};

constexpr Word<Site::Kind> kSite[] = {
    {Site::Kind::Read, "read"}, {Site::Kind::Write, "write"},  {Site::Kind::Acquire, "acquire"},
    {Site::Kind::Look, "look"}, {Site::Kind::Act, "act"},      {Site::Kind::Rest, "rest"},
    {Site::Kind::Lend, "lend"}, {Site::Kind::Block, "block"},  {Site::Kind::ThreadsOwn, "thread-local"},
    {Site::Kind::Drop, "drop"}, {Site::Kind::Result, "result"}};

constexpr Word<Finding::Origin> kOrigin[] = {{Finding::Origin::Static, "static"},
                                             {Finding::Origin::Dynamic, "dynamic"},
                                             {Finding::Origin::Both, "static-and-dynamic"}};

std::string runs(std::uint32_t count) { return std::to_string(count) + (count == 1 ? " run" : " runs"); }

std::string notReproducedText(const Verdict& verdict) {
  std::string text = "not reproduced in " + runs(verdict.attempts);
  if (verdict.attempts != 0) text += ", " + std::to_string(verdict.reached) + " of which reached every site";
  return verdict.reason.empty() ? text : text + ": " + verdict.reason;
}

std::string confirmedText(const Verdict& verdict) {
  std::string text = "confirmed";
  if (verdict.proof == Verdict::Proof::Caught) text += ": caught in the act";
  if (verdict.proof == Verdict::Proof::Observed) text += ": observed in a run";
  if (verdict.attempts != 0) text += " (" + runs(verdict.attempts) + ")";
  return text;
}

}  // namespace

template <>
std::span<const Word<Confidence>> wordsOf<Confidence>() {
  return kConfidence;
}
template <>
std::span<const Word<Verdict::Kind>> wordsOf<Verdict::Kind>() {
  return kVerdict;
}
template <>
std::span<const Word<Verdict::Proof>> wordsOf<Verdict::Proof>() {
  return kProof;
}
template <>
std::span<const Word<WitnessStep::Kind>> wordsOf<WitnessStep::Kind>() {
  return kStep;
}
template <>
std::span<const Word<Site::Kind>> wordsOf<Site::Kind>() {
  return kSite;
}
template <>
std::span<const Word<Finding::Origin>> wordsOf<Finding::Origin>() {
  return kOrigin;
}

std::string verdictText(const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::Suspected:
      return "suspected: " + (verdict.reason.empty() ? "static analysis only, not tried in a run" : verdict.reason);
    case Verdict::Kind::Confirmed:
      return confirmedText(verdict);
    case Verdict::Kind::Predicted:
      return "predicted from a recorded run" + (verdict.reason.empty() ? "" : ": " + verdict.reason);
    case Verdict::Kind::NotReproduced:
      return notReproducedText(verdict);
    case Verdict::Kind::NotRun:
      return verdict.reason.empty() ? "not run" : "not run: " + verdict.reason;
  }
  return "unknown";
}

std::string shortVerdict(const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::Confirmed:
      if (verdict.proof == Verdict::Proof::None) return "confirmed";
      return "confirmed (" + std::string(wordFor(verdict.proof)) + ")";
    case Verdict::Kind::NotReproduced:
      return "not reproduced";
    case Verdict::Kind::NotRun:
      return "not run";
    default:
      return std::string(wordFor(verdict.kind));
  }
}

std::string confidenceText(const Finding& finding) {
  std::string text(wordFor(finding.confidence));
  return finding.confidenceReason.empty() ? text : text + ": " + finding.confidenceReason;
}

std::string stepLabel(std::size_t threadIndex, const WitnessThread& thread, const WitnessStep& step) {
  std::string order = step.order == 0 ? std::string() : " #" + std::to_string(step.order);
  return "[T" + std::to_string(threadIndex + 1) + " " + thread.name + order + "]";
}

std::string lockSetText(const std::vector<std::string>& locks) {
  return locks.empty() ? std::string() : "{" + llvm::join(locks, ", ") + "}";
}

}  // namespace deadheat
