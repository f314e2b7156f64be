// Narrator: the things of one recording in people's words: threads, variables, locks, and stacks as witness steps.
#pragma once

#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "tool/symbols/recording.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// The last step of a thread: what it does at the top of its stack.
struct Deed {
  WitnessStep::Kind kind = WitnessStep::Kind::Other;
  std::string text;
};

class Narrator {
 public:
  /// Both must outlive it.
  Narrator(const Recording& recording, Symbolizer& symbolizer) : recording_(recording), symbolizer_(symbolizer) {}

  /// `main`, `thread 'Logger::run'` by the first function of the user's it runs, or `thread 3`.
  std::string threadName(std::uint32_t thread, const RecordedStack& anyStack) const;

  /// What a race is on: `g_hits`, `g_stats.misses`, `Cache::hits_` if the lines tell, or a heap block by the function
  /// that allocated it.
  std::string variable(const RecordedRace& race) const;

  /// `g_mutex`, `Cache::mu_` if the line where it was `taken` tells, or `unnamed` and the function that took it there.
  std::string lock(const RecordedLock& lock, const RecordedStack& taken,
                   const char* unnamed = "the lock taken in") const;

  /// Names of global locks, others as `lock at 0x...`; for lists of what is held.
  std::vector<std::string> locks(const std::vector<RecordedLock>& locks) const;

  /// The thread from its creation down its stack to the deed at the innermost frame of the user's.
  WitnessThread witness(std::uint32_t thread, const RecordedStack& stack, const Deed& deed,
                        std::vector<std::string> held) const;

  /// The same for a thread that is in coroutines: those that await come before what runs.
  WitnessThread witness(std::uint32_t thread, const RecordedTasks& tasks, const RecordedStack& stack, const Deed& deed,
                        std::vector<std::string> held) const;

  /// `task 3 of 'handle'`.
  std::string taskName(const RecordedTask& task) const;
  /// What became of a coroutine: where it was created, then how it came to what it is now.
  WitnessThread history(const RecordedTask& task) const;

  /// Where a lock was taken.
  WitnessThread taken(const std::string& lock, const RecordedStack& where) const;

  /// The innermost frame of the user's own code, or the innermost of all, or an empty one.
  Frame place(const RecordedStack& stack) const;

  /// "(incomplete: libfoo.so is not instrumented)" or empty.
  std::string gap(const RecordedStack& stack) const;

 private:
  const Recording& recording_;
  Symbolizer& symbolizer_;
};

}  // namespace deadheat
