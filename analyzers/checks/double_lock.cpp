// double-lock: a thread waits for a lock that it holds itself.
#include <algorithm>
#include <map>
#include <tuple>

#include "analyzers/checks/check.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

bool isShared(const DoubleLock& d) { return d.acquire.mode == LockMode::Shared && d.first.hold == Hold::Shared; }

/// The same place takes the lock both times: a function that calls itself while it holds the lock.
bool reenters(const Program& program, const DoubleLock& d) {
  return program.tables().holdSites[d.first.since].location == d.acquire.location;
}

void rate(const Program& program, const DoubleLock& d, Finding& finding) {
  if (d.leaked) {
    finding.confidence = Confidence::Medium;
    finding.confidenceReason = "one way out of the first call does not give the lock back";
  } else if (isShared(d)) {
    finding.confidence = Confidence::Low;
    finding.confidenceReason = "two shared holds block only if a writer waits in between";
  } else if (d.acquire.recursion == Recursion::Unknown && reenters(program, d)) {
    finding.confidence = Confidence::Low;
    finding.confidenceReason =
        "a function that calls itself under the lock would hang in every run, unless it is recursive";
  } else if (d.acquire.recursion == Recursion::Unknown || d.first.recursion == Recursion::Unknown) {
    finding.confidence = Confidence::Medium;
    finding.confidenceReason = "the lock may have been made recursive";
  } else if (!d.certain) {
    finding.confidence = Confidence::Medium;
    finding.confidenceReason = "the second acquisition is on some ways through the called function only";
  } else {
    finding.confidence = Confidence::High;
    finding.confidenceReason = "the same lock is held on every way to the second acquisition";
  }
}

Finding report(const Program& program, const DoubleLock& d) {
  const AcquireFact& second = d.acquire;
  const HoldSite& first = program.tables().holdSites[d.first.since];
  const std::string lock = nameOf(program, second.lock);
  Finding out;
  out.check = "double-lock";
  out.message = quoted(program.functionName(second.function)) + " locks " + quoted(lock) +
                " while its own thread already holds it since " + quoted(program.functionName(first.function));
  if (second.function == first.function) {
    out.message = quoted(program.functionName(second.function)) + " locks " + quoted(lock) +
                  " again while holding it: the thread waits for itself";
  }
  if (d.leaked) {
    out.message = quoted(program.functionName(second.function)) + " locks " + quoted(lock) +
                  ", which an earlier call of " + quoted(program.functionName(first.function)) +
                  " may have left locked: one way out of it does not unlock";
  }
  out.location = program.point(second.location);
  out.subjects = {lock};
  out.functions = {program.functionName(first.function), program.functionName(second.function)};
  std::sort(out.functions.begin(), out.functions.end());
  out.functions.erase(std::unique(out.functions.begin(), out.functions.end()), out.functions.end());
  out.witness = {witnessThread(program, nullptr, 0, second, acquireStep(program, second))};
  out.sites = {{Site::Kind::Acquire, program.point(second.location), program.functionName(second.function),
                program.point(first.location)}};
  out.fixHint = "Call a variant that expects the lock to be held, or release " + quoted(lock) + " first.";
  if (d.leaked) out.fixHint = "Let a guard hold " + quoted(lock) + ", so that every way out gives it back.";
  rate(program, d, out);
  return out;
}

std::vector<Finding> run(const Program& program) {
  // One finding for each place, whichever way leads there; the surest and shortest way is shown.
  std::map<std::tuple<Location, Location>, const DoubleLock*> best;
  for (const DoubleLock& d : program.doubleLocks()) {
    auto key = std::tuple(d.acquire.location, program.tables().holdSites[d.first.since].location);
    const DoubleLock*& slot = best[key];
    const Traces& traces = program.tables().traces;
    if (!slot || std::tuple(!d.certain, traces.length(d.acquire.trace)) <
                     std::tuple(!slot->certain, traces.length(slot->acquire.trace))) {
      slot = &d;
    }
  }
  std::vector<Finding> findings;
  for (const auto& [key, d] : best) findings.push_back(report(program, *d));
  return findings;
}

constexpr CheckInfo kInfo = {
    .id = "double-lock",
    .title = "A thread locks a mutex that it already holds",
    .reason =
        R"(A mutex that is not recursive makes its own owner wait for itself: the thread stops for good, and with it
everybody who needs the lock. For std::mutex this is undefined behaviour, for a default pthread mutex a hang.

It seldom stands in one function. Usually a method takes the lock and calls another public method of the same object,
or a callback comes back into the object that is calling it.)",
    .example = R"(class Account {
 public:
  int balance() {
    std::lock_guard lock(mu_);
    return balance_;
  }
  void withdraw(int amount) {
    std::lock_guard lock(mu_);
    if (balance() >= amount) balance_ -= amount;  // balance() locks mu_ again
  }

 private:
  std::mutex mu_;
  int balance_ = 0;
};)",
    .fix =
        R"(Split the method: a private part that expects the lock to be held, and a public one that takes it.

  int balanceLocked() const { return balance_; }
  int balance() { std::lock_guard lock(mu_); return balanceLocked(); }

Release the lock before calling back into code you do not control. A recursive mutex hides the question of which state
the inner call sees; use it only when that has an answer.)",
    .cwe = "CWE-764",
};

}  // namespace

extern const Check kDoubleLock;
const Check kDoubleLock = {kInfo, run};

}  // namespace deadheat
