// rwlock-upgrade: a thread that holds a lock for reading waits for it for writing.
#include <map>
#include <tuple>

#include "analyzers/checks/check.h"
#include "analyzers/checks/double_locks.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

std::vector<Finding> run(const Program& program) {
  std::vector<Finding> findings;
  for (const LockTwice& twice : locksTakenTwice(program)) {
    if (!twice.isUpgrade()) continue;
    const std::string lock = quoted(nameOf(program, twice.lock));
    Finding out = twice.finding;
    out.check = "rwlock-upgrade";
    out.message = quoted(program.functionName(twice.waits)) + " waits for " + lock +
                  " exclusively while its own thread holds it for reading since " +
                  quoted(program.functionName(twice.holds));
    out.fixHint = "Give the shared hold of " + lock + " back first, and look again once the exclusive one is taken.";
    findings.push_back(std::move(out));
  }
  return findings;
}

constexpr std::string_view kAbsorbed[] = {"double-lock", "lock-order"};

constexpr CheckInfo kInfo = {
    .id = "rwlock-upgrade",
    .title = "A thread that holds a lock for reading waits for it for writing",
    .reason =
        R"(A reader-writer lock lets a writer in when all readers have left. A thread that reads and asks to write waits
for itself: it hangs, or the behaviour is undefined. Standard reader-writer locks have no way to turn a shared hold into
an exclusive one, since two readers that both try would wait for each other.

Usually the second acquisition is in another function: a lookup under the shared lock finds nothing and calls the
function that fills it in.)",
    .example = R"(std::shared_mutex mu;
std::map<int, std::string> cache;

std::string load(int key) {
  std::unique_lock lock(mu);  // waits for the reader that called it
  return cache[key] = "?";
}

std::string get(int key) {
  std::shared_lock lock(mu);
  auto it = cache.find(key);
  return it != cache.end() ? it->second : load(key);
})",
    .fix =
        R"(End the shared hold before the exclusive one begins, and look again under it, since another thread may have
been faster:

  { std::shared_lock lock(mu); if (auto it = cache.find(key); it != cache.end()) return it->second; }
  std::unique_lock lock(mu);
  auto [it, isNew] = cache.try_emplace(key);
  if (isNew) it->second = compute(key);)",
    .cwe = "CWE-833",
    .absorbs = kAbsorbed,
    .endsInHang = true,
};

}  // namespace

extern const Check kRwlockUpgrade;
const Check kRwlockUpgrade = {.info = kInfo, .run = run};

}  // namespace deadheat
