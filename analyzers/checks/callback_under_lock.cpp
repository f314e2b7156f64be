// callback-under-lock: code that the class does not know is called with its lock held.
#include <algorithm>

#include "analyzers/checks/check.h"
#include "analyzers/checks/held_operations.h"
#include "analyzers/checks/witness.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

bool isCallback(const OperationFact& operation) { return operation.kind == OperationFact::Kind::Callback; }

/// The name says that somebody else put the code there, to be told of something.
bool saysItTells(llvm::StringRef name) {
  for (llvm::StringRef word : {"callback", "handler", "listener", "observer", "hook", "notify", "subscriber", "slot"}) {
    if (name.contains_insensitive(word)) return true;
  }
  return name.equals_insensitive("cb") || name.ends_with_insensitive("_cb") || name.starts_with_insensitive("on_");
}

class Reporter {
 public:
  explicit Reporter(const Program& program) : program_(program) {}

  Finding report(const OperationFact& operation) const {
    const std::vector<HeldLock> locks = locksBeside(program_, operation);
    const std::string callable = program_.shortText(operation.object);
    Finding out = operationFinding(program_, operation, WitnessStep::Kind::Call, "calls whatever " + quoted(callable) + " holds");
    out.check = "callback-under-lock";
    out.message = quoted(program_.functionName(operation.function)) + " calls " + quoted(callable) +
                  ", which others provide, with " + listed(program_, locks) + " held: it may come back for the lock";
    out.fixHint = "Copy what is to be called, give the lock back, then call.";
    rate(operation, locks, out);
    return out;
  }

 private:
  const PathTable& paths() const { return program_.tables().paths; }

  /// The field that the callable is kept in, or the container it is an element of.
  PathId keeper(PathId path) const {
    while (path != PathId::Unknown && !paths().isRoot(path) && paths()[path].kind != PathNode::Kind::Field) {
      path = paths()[path].parent;
    }
    return path;
  }

  void rate(const OperationFact& operation, const std::vector<HeldLock>& locks, Finding& out) const {
    const PathId field = keeper(operation.object);
    const Record::Field* kept = field == PathId::Unknown || paths().isRoot(field) ? nullptr : program_.field(field);
    const bool own = kept && std::any_of(locks.begin(), locks.end(), [&](const HeldLock& lock) {
                       const PathId of = keeper(lock.lock);
                       return of != PathId::Unknown && !paths().isRoot(of) && paths()[of].record == paths()[field].record;
                     });
    const bool callable = kept && llvm::StringRef(kept->type).contains("function<");
    if (own && (callable || saysItTells(kept->name))) {
      out.confidence = Confidence::Medium;
      out.confidenceReason = "the lock and what is called are members of one class, and others set what is called";
      return;
    }
    out.confidence = Confidence::Low;
    out.confidenceReason = kept ? "it may be a table of the program's own functions"
                                : "the caller knows what it passes, and may know of the lock";
  }

  const Program& program_;
};

std::vector<Finding> run(const Program& program) {
  const Reporter reporter(program);
  std::vector<Finding> findings;
  for (const OperationFact& operation : operationsUnderLocks(program, isCallback)) {
    if (operation.object != PathId::Unknown) findings.push_back(reporter.report(operation));
  }
  return findings;
}

constexpr std::string_view kShownBy[] = {"lock-order", "deadlock", "double-lock"};

constexpr CheckInfo kInfo = {
    .id = "callback-under-lock",
    .title = "Unknown code is called with a lock held",
    .reason =
        R"(A class that calls code it was given, with its own lock held, has handed its lock to a stranger. What the code does
is not known to the class: it may call back into the object and wait for the lock that its own thread holds, it may take
a lock of its own that another thread holds while it waits for this one, or it may simply take long.

It works until somebody registers the first callback that does more than set a flag.)",
    .example = R"(class Timer {
 public:
  void onTick(std::function<void()> f) { std::lock_guard lock(mu_); onTick_ = std::move(f); }
  void tick() {
    std::lock_guard lock(mu_);
    ++ticks_;
    if (onTick_) onTick_();  // onTick() in here would wait for mu_
  }

 private:
  std::mutex mu_;
  int ticks_ = 0;
  std::function<void()> onTick_;
};)",
    .fix = R"(Copy it under the lock and call it without:

  std::function<void()> f;
  { std::lock_guard lock(mu_); ++ticks_; f = onTick_; }
  if (f) f();)",
    .cwe = "CWE-833",
    .shownBy = kShownBy,
};

}  // namespace

extern const Check kCallbackUnderLock;
const Check kCallbackUnderLock = {.info = kInfo, .run = run};

}  // namespace deadheat
