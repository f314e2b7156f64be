// Finding: what a check, a run, or both together have to say, with the witness that lets a person believe it.
//
// Made by checks/ (static) and by tool/confirm (from recordings); changed only by setting the verdict; rendered by
// tool/report. Independent of TuFacts file tables: locations carry their file by name.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "analyzers/facts/source_point.h"

namespace deadheat {

/// One step of one thread on the way to the hazard.
struct WitnessStep {
  enum class Kind : std::uint8_t { Spawn, Call, Acquire, Release, Read, Write, Wait, Free, Other };
  Kind kind = Kind::Other;
  SourcePoint point;
  std::string function;            ///< Qualified name of the function that contains the step.
  std::string text;                ///< One clause: "writes 'Cache::hits_'", "calls 'Cache::lookup'".
  std::vector<std::string> locks;  ///< Locks held at the step, for people.
  /// Position in the interleaving over all threads, from 1; 0 where no order is known.
  std::uint32_t order = 0;
  auto operator<=>(const WitnessStep&) const = default;
};

/// What one thread does: from where it starts to its part of the hazard (the last step).
struct WitnessThread {
  std::string name;  ///< "main", "thread 'Logger::run'", "any thread calling 'Cache::get'".
  std::vector<WitnessStep> steps;
  auto operator<=>(const WitnessThread&) const = default;
};

enum class Confidence : std::uint8_t { Low, Medium, High };

/// What became of a finding when it was tried. Never a bare boolean and never "safe".
struct Verdict {
  enum class Kind : std::uint8_t { Suspected, Confirmed, Predicted, NotReproduced, NotRun };
  /// How strong a confirmation is: the threads stood at the conflicting operations at the same moment (or hang), or
  /// they ran and nothing orders them.
  enum class Proof : std::uint8_t { None, Observed, Caught };
  Kind kind = Kind::Suspected;
  Proof proof = Proof::None;
  std::string reason;                     ///< NotRun and NotReproduced: one clause, e.g. "site not in the binary".
  std::uint32_t attempts = 0;             ///< Runs made for this finding.
  std::uint32_t reached = 0;              ///< Runs in which every site of the finding was reached.
  std::string recording;                  ///< File with the proof; empty unless confirmed.
  std::string schedule;                   ///< File that `deadheat replay` shows it again with; empty if there is none.
  std::string effect;                     ///< What came of it in runs: one clause; empty where nothing is known.
  std::vector<std::string> interleaving;  ///< The schedule as a story, one step a line; then as lanes, one a thread.
  std::vector<std::string> lanes;
  auto operator<=>(const Verdict&) const = default;
};

/// An operation of the hazard that a run can be steered to.
struct Site {
  /// Look, Act and Rest are one thread's or task's: it looks, and acts on what it saw by a write or by going to sleep.
  /// Lend: a thread is started that is given the address of a variable of its starter's. Block: a thread waits with a
  /// lock held, or in a task. ThreadsOwn: a task uses a thread_local variable after a suspension. Drop: a task is
  /// destroyed before it ran. Result: a promise is kept, or a future asked, that has or has no result already.
  enum class Kind : std::uint8_t { Read, Write, Acquire, Look, Act, Rest, Lend, Block, ThreadsOwn, Drop, Result };
  Kind kind = Kind::Read;
  SourcePoint point;
  std::string function;
  /// Acquire: where the lock already held by this thread was taken; empty file otherwise.
  SourcePoint heldSince;
  auto operator<=>(const Site&) const = default;
};

/// One hazard.
struct Finding {
  std::string check;     ///< Id of the check: `data-race`.
  std::string message;   ///< One sentence naming the variable or locks and both functions.
  SourcePoint location;  ///< Where it is shown first.
  Confidence confidence = Confidence::Medium;
  std::string confidenceReason;        ///< Which assumption it leans on.
  std::vector<std::string> subjects;   ///< The variable, or the locks of the cycle, qualified, sorted.
  std::vector<std::string> functions;  ///< The functions involved, qualified, sorted.
  std::vector<WitnessThread> witness;
  std::vector<Site>
      sites;  ///< data-race: two. lock-order: one a lock of the cycle. double-lock: one. check-then-act: two.
  std::vector<Site> places;  ///< More places of the same hazard, best first, without those of `sites`.
  std::string fixHint;       ///< One sentence: what to do.
  Verdict verdict;
  enum class Origin : std::uint8_t { Static, Dynamic, Both };
  Origin origin = Origin::Static;
  auto operator<=>(const Finding&) const = default;
};

/// Identity of a finding across edits elsewhere and file moves: 32 hex digits over check, subjects and functions; no
/// lines, no paths.
std::string fingerprint(const Finding& finding);

}  // namespace deadheat
