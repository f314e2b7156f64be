// blocking-under-lock: a thread sleeps, waits or does input with a lock held that others need.
#include "analyzers/checks/check.h"
#include "analyzers/checks/held_operations.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

using Kind = OperationFact::Kind;

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
  explicit Reporter(const Program& program) : program_(program) {
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
    out.message = quoted(program_.functionName(operation.function)) + " " + blocking.text + " with " +
                  listed(program_, locks) + " held: whoever needs it waits as long";
    out.confidence = blocking.confidence;
    out.confidenceReason = blocking.reason;
    out.fixHint = "Give the lock back before, and take it again after.";
    return out;
  }

 private:
  Blocking blockingOf(const OperationFact& operation) const {
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
    if (what == "sleep") return {"sleeps", Confidence::Medium, "it is certain to sleep; whether others need the lock is not"};
    return {"may wait for a " + what, Confidence::Medium, "whoever ends the wait may need the lock"};
  }

  const Program& program_;
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
