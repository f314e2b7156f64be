// double-lock: a thread waits for a lock that it holds itself.
#include <map>

#include "analyzers/checks/check.h"
#include "analyzers/checks/double_locks.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

Finding told(const Program& program, const LockTwice& twice) {
  const std::string lock = quoted(nameOf(program, twice.lock));
  const std::string waits = quoted(program.functionName(twice.waits));
  const std::string holds = quoted(program.functionName(twice.holds));
  Finding out = twice.finding;
  out.check = "double-lock";
  out.message = waits + " locks " + lock + " while its own thread already holds it since " + holds;
  if (twice.waits == twice.holds) {
    out.message = waits + " locks " + lock + " again while holding it: the thread waits for itself";
  }
  out.fixHint = "Call a variant that expects the lock to be held, or release " + lock + " first.";
  return out;
}

std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings;
  std::map<std::pair<SourcePoint, std::vector<std::string>>, std::size_t> known;  // By place and lock.
  for (const LockTwice& twice : locksTakenTwice(program)) {
    if (twice.isUpgrade()) continue;
    Finding finding = told(program, twice);
    const auto [slot, fresh] = known.try_emplace({finding.location, finding.subjects}, findings.size());
    if (fresh) {
      findings.push_back(std::move(finding));
      continue;
    }
    Finding& first = findings[slot->second];  // Taken by several callers of one place: one cause.
    if (finding.confidence > first.confidence) std::swap(first, finding);
    first.places.insert(first.places.end(), finding.sites.begin(), finding.sites.end());
    first.places.insert(first.places.end(), finding.places.begin(), finding.places.end());
  }
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
