// plain-flag-sync: a thread waits in a loop for a variable that is neither atomic nor guarded.
#include <algorithm>

#include "analyzers/checks/check.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/view_queries.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

constexpr std::string_view kId = "plain-flag-sync";

bool isScalar(const AccessFact& fact) {
  return !fact.operation && !fact.frees && fact.atomicity != Atomicity::Atomic && fact.facts;
}

bool recognise(const Program& program, const RacePair& pair, Finding& finding) {
  const AccessFact& a = pair.a->fact;
  const AccessFact& b = pair.b->fact;
  if (!isScalar(a) || !isScalar(b)) return false;
  const bool isVolatile = a.atomicity == Atomicity::Volatile || b.atomicity == Atomicity::Volatile;
  const AccessFact* read = turnsLoop(program, b) ? &b : turnsLoop(program, a) ? &a : nullptr;
  if (!read && !isVolatile) return false;
  const std::string name = quoted(finding.subjects.front());
  const AccessFact& write = read == &a ? b : a;
  finding.check = kId;
  if (read)
    finding.message = quoted(program.functionName(read->function)) + " loops until another thread changes " + name +
                      ", which is " + (isVolatile ? "volatile" : "plain") + ": nothing obliges it to see what " +
                      quoted(program.functionName(write.function)) + " writes, or what was written before";
  else
    finding.message = "The volatile " + name + " passes something between threads, which volatile does not do: " +
                      meetingText(program, pair);
  finding.fixHint = "Make it std::atomic (or _Atomic), or wait for a condition variable under a lock.";
  return true;
}

constexpr std::string_view kAbsorbed[] = {"data-race"};

constexpr CheckInfo kInfo = {
    .id = kId,
    .title = "A plain or volatile variable is used to signal another thread",
    .reason =
        R"(A loop that tests an ordinary variable until another thread changes it is a data race. The compiler may read the
variable once and loop for ever, since nothing in the loop changes it. And when the loop does end, nothing says that
what the other thread wrote before the flag is visible too.

volatile makes the compiler read each time, but it orders nothing and is not atomic: the data that the flag announces
may still be old. It is meant for device registers and, as volatile sig_atomic_t, for signal handlers.)",
    .example = R"(bool stop = false;
std::thread worker([] {
  while (!stop) poll();  // may never see the change
});
stop = true;
worker.join();)",
    .fix =
        R"(std::atomic<bool> stop{false};

reads and writes in one piece, is seen by the others, and what was written before the store is visible after the load.
To wait without burning the processor, use a condition variable or std::atomic::wait.)",
    .cwe = "CWE-366",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kPlainFlagSync;
const Check kPlainFlagSync = {.info = kInfo, .recognise = recognise};

}  // namespace deadheat
