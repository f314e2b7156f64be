// blocking-under-lock: a thread sleeps, waits or does input with a lock held that others need.
#include <algorithm>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/held_operations.h"
#include "analyzers/checks/lock_evidence.h"
#include "analyzers/checks/witness.h"
#include "analyzers/link/handles.h"

namespace deadheat {
namespace {

using Kind = OperationFact::Kind;

/// Calls between the lock and the wait from which on nobody is told of it by default.
constexpr std::uint32_t kFar = 3;
/// The same for input, which is often of files and done under a lock on purpose.
constexpr std::uint32_t kFarInput = 2;

/// What is waited for, and how far it can be relied on that this takes time and that others need the lock.
struct Blocking {
  std::string text;
  Confidence confidence = Confidence::Medium;
  const char* reason = "";
};

std::string whatOf(const OperationFact& operation) {
  const auto* block = std::get_if<Block>(operation.facts);
  return block ? block->what : std::string();
}

bool isBlocking(const OperationFact& operation) {
  return operation.kind == Kind::Block || operation.kind == Kind::Join || operation.kind == Kind::Wait;
}

class Reporter {
 public:
  explicit Reporter(const Program& program) : program_(program), evidence_(program) {
    for (const Scope& scope : program.scopes()) {
      for (const Actor& actor : scope.actors) {
        for (PathId handle : actor.thread.handles) knownFields_.insert(fieldKey(program.tables().paths, handle));
      }
    }
    knownFields_.erase(std::vector<std::uint32_t>{});
    for (std::uint32_t i = 0; i < program.bodies().functions.size(); ++i) {
      for (const OperationFact& operation : program.summary(static_cast<FunctionIndex>(i)).operations) {
        polls_ |= whatOf(operation) == "events";
      }
    }
  }

  Finding report(const OperationFact& operation) const {
    const std::vector<HeldLock> locks = locksBeside(program_, operation);
    const Blocking blocking = blockingOf(operation);
    Finding out = operationFinding(program_, operation, WitnessStep::Kind::Wait, blocking.text);
    out.check = "blocking-under-lock";
    out.sites = {{Site::Kind::Block, out.location, program_.functionName(operation.function), {}}};
    out.message = quoted(program_.functionName(operation.function)) + " " + blocking.text + " with " +
                  listed(program_, locks) + " held: whoever needs it waits as long";
    out.confidence = blocking.confidence;
    out.confidenceReason = blocking.reason;
    auto doubt = [&](const char* reason) {
      if (out.confidence > Confidence::Low) out.confidenceReason = reason;
      out.confidence = Confidence::Low;
    };
    const bool isInput = whatOf(operation) == "input";
    if (program_.tables().traces.length(operation.trace) > (isInput ? kFarInput : kFar))
      doubt("the lock is held by a caller far up, which may have its reasons");
    if (std::all_of(locks.begin(), locks.end(), [&](const HeldLock& lock) { return isForLong(lock); }))
      doubt("the lock is meant to be held for long: it outlives the function that takes it, or belongs to a thread");
    out.fixHint = "Give the lock back before, and take it again after.";
    return out;
  }

 private:
  Blocking blockingOf(const OperationFact& operation) const {
    if (operation.kind == Kind::Join && isKnownThread(operation.object)) {
      return {"waits for another thread to end", Confidence::Low, "the thread is known, and does not need the lock"};
    }
    const auto* join = std::get_if<Join>(operation.facts);
    if (join && join->by == Join::By::End) {
      return {"waits for another thread to end", Confidence::Low, "few futures wait for their thread when they end"};
    }
    if (operation.kind == Kind::Join) {
      return {"waits for another thread to end", Confidence::Medium, "how long the other thread takes is not known"};
    }
    if (operation.kind == Kind::Wait) {
      return {"waits for a condition", Confidence::Medium, "the wait gives back its own lock, and no other"};
    }
    const std::string what = whatOf(operation);
    if (what == "input" || what == "network") {
      const std::string text = what == "input" ? "may wait for input" : "may wait for the network";
      if (polls_) return {text, Confidence::Low, "the program polls, so that its input may never block"};
      return {text, Confidence::Medium, "the input is assumed to be one that can block"};
    }
    if (what == "output") return {"may wait for output", Confidence::Low, "output seldom blocks for long"};
    if (what == "events") {
      return {"may wait for events", Confidence::Low, "it may be called with a time limit of zero"};
    }
    if (what == "run") return {"runs an executor", Confidence::Medium, "what it runs may take any time, and need the lock"};
    if (what == "sleep") return {"sleeps", Confidence::Medium, "it is certain to sleep; whether others need the lock is not"};
    return {"may wait for a " + what, Confidence::Medium, "whoever ends the wait may need the lock"};
  }

  /// Who takes the lock means to keep others out while something long goes on: a function that returns with it held, or
  /// a thread that holds it while it runs.
  bool isForLong(const HeldLock& lock) const {
    const HoldSite& since = program_.tables().holdSites[lock.since];
    if (lock.since == HoldSiteId::None || lock.assumed) return false;
    if (since.trace == TraceId::Here && evidence_.isThreadEntry(since.function)) return true;
    if (keepsLocked(since.function, lock.lock)) return true;
    for (TraceId at = since.trace; at != TraceId::Here; at = program_.tables().traces[at].rest) {
      const FunctionIndex callee = program_.tables().traces[at].callee;
      if (callee != FunctionIndex::None && keepsLocked(callee, lock.lock)) return true;
    }
    return false;
  }

  /// The function returns with the lock held, and is more than another name for taking it.
  bool keepsLocked(FunctionIndex f, PathId lock) const {
    const bool isName = program_.function(f).kind == Function::Kind::Constructor ||
                        evidence_.saysItTakes(program_.functionName(f));
    return !isName && evidence_.isTakenBy(f, lock);
  }

  /// The thread is one of those whose code is followed: join-deadlock tells if it needs the lock.
  bool isKnownThread(PathId handle) const {
    if (handle == PathId::Unknown) return false;
    if (knownFields_.contains(fieldKey(program_.tables().paths, handle))) return true;
    for (const Scope& scope : program_.scopes()) {
      for (const Actor& actor : scope.actors) {
        for (PathId known : actor.thread.handles) {
          if (sameHandle(program_.tables().paths, known, handle)) return true;
        }
      }
    }
    return false;
  }

  const Program& program_;
  const LockEvidence evidence_;
  std::set<std::vector<std::uint32_t>> knownFields_;  ///< That hold handles of threads whose code is known.
  bool polls_ = false;
};

std::vector<Finding> run(const Program& program) {
  const Reporter reporter(program);
  std::vector<Finding> findings;
  for (const OperationFact& operation : operationsUnderLocks(program, isBlocking)) {
    findings.push_back(reporter.report(operation));
  }
  return findings;
}

constexpr CheckInfo kInfo = {
    .id = "blocking-under-lock",
    .title = "A thread waits for something slow with a lock held",
    .reason =
        R"(As long as a thread holds a lock, everybody who needs it stands still. A sleep, a read from a socket or terminal, a
wait for another thread, a future or a condition may take any time, and with the lock held all others take as long.
Where what is waited for needs the lock itself, nobody goes on at all.

A condition variable gives back the lock that is handed to its wait, and no other that the thread holds.)",
    .example = R"(std::mutex mu;
std::string last;

void poll(int socket) {
  std::lock_guard lock(mu);
  char buffer[512];
  ssize_t n = read(socket, buffer, sizeof buffer);  // holds mu until the peer says something
  if (n > 0) last.assign(buffer, n);
})",
    .fix = R"(Do what takes time without the lock, and take it to store the outcome:

  ssize_t n = read(socket, buffer, sizeof buffer);
  if (n > 0) { std::lock_guard lock(mu); last.assign(buffer, n); })",
    .cwe = "CWE-833",
};

}  // namespace

extern const Check kBlockingUnderLock;
const Check kBlockingUnderLock = {.info = kInfo, .run = run};

}  // namespace deadheat
