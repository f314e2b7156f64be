#include "tool/explore/failures.h"

#include <csignal>
#include <cstring>

#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "tool/run/dynamic_findings.h"
#include "tool/run/narrator.h"
#include "tool/run/tell.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

constexpr char kPredicted[] = "-predicted";

std::uint64_t hashOf(const RecordedStack& stack) {
  return llvm::hash_combine_range(stack.counters.begin(), stack.counters.end());
}

/// Of everything reported, by code alone: equal for equal reports of different runs.
std::uint64_t hazardsOf(const Recording& recording) {
  std::uint64_t all = static_cast<std::uint64_t>(recording.state);
  auto add = [&](std::uint64_t one) { all = llvm::hash_combine(all, one); };
  for (const RecordedRace& race : recording.races)
    for (const RecordedAccess& side : race.sides) add(hashOf(side.stack));
  for (const RecordedLockCycle& cycle : recording.lockCycles)
    for (const RecordedLockEdge& edge : cycle.edges) add(hashOf(edge.wantedStack));
  for (const RecordedDeadlock& deadlock : recording.deadlocks)
    for (const RecordedStuckThread& thread : deadlock.threads) add(hashOf(thread.stack));
  for (const RecordedMisuse& misuse : recording.misuses) add(hashOf(misuse.stack) + static_cast<std::uint64_t>(misuse.kind));
  if (recording.crash) add(hashOf(recording.crash->stack) + recording.crash->signal);
  return all;
}

/// A failure that is about how the run ended, in the words of one thread if there is one.
Finding ending(std::string check, std::string message, std::string hint) {
  Finding finding;
  finding.check = std::move(check);
  finding.message = std::move(message);
  finding.fixHint = std::move(hint);
  finding.origin = Finding::Origin::Dynamic;
  finding.confidence = Confidence::High;
  finding.confidenceReason = "seen in a run";
  finding.verdict.kind = Verdict::Kind::Confirmed;
  finding.verdict.proof = Verdict::Proof::Caught;
  return finding;
}

/// Number and text of the first line that differs.
std::string firstDifference(llvm::StringRef expected, llvm::StringRef got) {
  for (int line = 1;; ++line) {
    auto [wanted, wantedRest] = expected.split('\n');
    auto [found, foundRest] = got.split('\n');
    if (wanted != found || expected.empty() || got.empty())
      return "line " + std::to_string(line) + " is '" + found.str() + "', expected '" + wanted.str() + "'";
    expected = wantedRest;
    got = foundRest;
  }
}

Finding livelockFinding(const Recording& recording, const Narrator& narrator) {
  Finding finding = ending("livelock", "threads go on and on without getting anywhere", {});
  if (!recording.crash) return finding;
  finding.witness.push_back(narrator.witness(recording.crash->thread, recording.crash->stack,
                                             {WitnessStep::Kind::Other, "does the same over and over"}, {}));
  finding.message = inFunction(finding.witness[0]) + ": a thread does the same over and over, and nobody can end that";
  completeDynamic(finding);
  return finding;
}

}  // namespace

std::string failureKey(const Finding& finding) {
  return fingerprint(finding) + (finding.verdict.kind == Verdict::Kind::Predicted ? kPredicted : "");
}

bool isPrediction(const std::string& key) { return llvm::StringRef(key).ends_with(kPredicted); }

std::string keyOfConfirmed(const std::string& predictedKey) {
  return predictedKey.substr(0, predictedKey.size() - std::strlen(kPredicted));
}

llvm::Expected<Expectation> readExpectation(int exitCode, const std::string& outputFile) {
  Expectation expected{exitCode, std::nullopt};
  if (outputFile.empty()) return expected;
  auto text = llvm::MemoryBuffer::getFile(outputFile);
  if (!text) return failure("cannot read the expected output '", outputFile, "': ", text.getError().message());
  expected.output = (*text)->getBuffer().str();
  return expected;
}

std::vector<Finding> FailureReader::endings(const ScheduleRun& run, const Recording& recording) {
  std::vector<Finding> found;
  const Narrator narrator(recording, symbolizer_);
  if (run.outcome.timedOut) {
    found.push_back(ending("hang", "the program did not end within the time limit", {}));
  } else if (recording.state == protocol::RunState::Livelocked) {
    found.push_back(livelockFinding(recording, narrator));
  } else if (recording.crash) {
    found.push_back(tellCrash(*recording.crash, narrator).finding);
  } else if (run.outcome.signal != 0) {
    found.push_back(ending("crash", "the program was killed by " + signalName(run.outcome.signal), {}));
  } else if (recording.state == protocol::RunState::Exited && run.outcome.exitCode != expected_.exitCode) {
    found.push_back(ending("exit-code", "the program exited with code " + std::to_string(run.outcome.exitCode), {}));
  } else if (recording.state == protocol::RunState::Running && run.outcome.exitCode != expected_.exitCode) {
    found.push_back(ending("exit-code", "the program exited at once with code " + std::to_string(run.outcome.exitCode), {}));
  }
  if (found.empty() && recording.state == protocol::RunState::Exited && expected_.output && run.output != *expected_.output) {
    found.push_back(ending("wrong-output", "the program prints something else: " + firstDifference(*expected_.output, run.output), {}));
    found.back().subjects = {"standard output"};
  }
  for (Finding& finding : found)
    if (finding.subjects.empty()) finding.subjects = {finding.message};
  return found;
}

std::vector<Finding> FailureReader::allFailures(const ScheduleRun& run) {
  std::vector<Finding> found;
  for (const Recording& recording : run.recordings)
    for (DynamicFinding& seen : dynamicFindings(recording, symbolizer_)) found.push_back(std::move(seen.finding));
  for (Finding& finding : endings(run, run.recordings.front())) found.push_back(std::move(finding));
  return found;
}

std::vector<Finding> FailureReader::newFailures(const ScheduleRun& run) {
  std::uint64_t hazards =
      llvm::hash_combine(run.outcome.exitCode, run.outcome.signal, run.outcome.timedOut, llvm::hash_value(run.output));
  for (const Recording& recording : run.recordings) hazards = llvm::hash_combine(hazards, hazardsOf(recording));
  if (!seenHazards_.insert(hazards).second) return {};
  std::vector<Finding> fresh;
  for (Finding& finding : allFailures(run))
    if (seenFailures_.insert(failureKey(finding)).second) fresh.push_back(std::move(finding));
  return fresh;
}

}  // namespace deadheat
