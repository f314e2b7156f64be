// guard-annotation: what thread-safety attributes promise is not kept.
#include <algorithm>
#include <map>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/witness.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

using Kind = BrokenPromise::Kind;

class Reporter {
 public:
  explicit Reporter(const Program& program) : program_(program) {}

  /// One finding for a place and promise, the shortest way there.
  std::vector<Finding> report() {
    std::vector<const BrokenFact*> all;
    for (const BrokenFact& broken : program_.brokenPromises()) all.push_back(&broken);
    const Traces& traces = program_.tables().traces;
    std::stable_sort(all.begin(), all.end(), [&](const BrokenFact* a, const BrokenFact* b) {
      return traces.length(a->trace) < traces.length(b->trace);
    });
    std::set<std::tuple<int, Location, std::string, std::string>> seen;
    for (const BrokenFact* broken : all) {
      const BrokenPromise& promise = broken->promise;
      const std::string subject = subjectOf(promise);
      if (!seen.insert({static_cast<int>(promise.kind), placeOf(*broken).first, subject, nameOf(program_, promise.lock)}).second)
        continue;
      findings_.push_back(finding(*broken, subject));
    }
    return std::move(findings_);
  }

 private:
  /// Where the promise is broken: where the guarded variable is named, not inside the methods of what it holds.
  std::pair<Location, FunctionIndex> placeOf(const BrokenFact& broken) const {
    std::pair<Location, FunctionIndex> place{broken.location, broken.function};
    const Kind kind = broken.promise.kind;
    const PathTable& paths = program_.tables().paths;
    if (kind != Kind::Value && kind != Kind::Pointee) return place;
    const PathNode& variable = paths[broken.promise.subject];
    if (variable.kind != PathNode::Kind::Field) return place;
    const std::string_view owner = program_.tables().symbols.text(variable.record);
    const std::string& record = program_.function(broken.function).record;
    if (record.empty() || record == owner) return place;
    const Traces& traces = program_.tables().traces;
    for (TraceId at = broken.trace; at != TraceId::Here; at = traces[at].rest) {
      const Trace& node = traces[at];
      if (program_.function(node.function).record == owner) place = {node.location, node.function};
    }
    return place;
  }

  std::string lockText(const BrokenPromise& promise) const {
    return promise.lock == PathId::Unknown ? "any lock" : quoted(nameOf(program_, promise.lock));
  }

  std::string subjectOf(const BrokenPromise& promise) const {
    const bool ofCall = promise.kind == Kind::Requires || promise.kind == Kind::Excludes;
    return ofCall ? program_.functionName(promise.callee) : nameOf(program_, promise.subject);
  }

  std::string message(const BrokenFact& broken, const std::string& subject) const {
    const BrokenPromise& promise = broken.promise;
    const std::string lock = lockText(promise);
    const std::string where = " in " + quoted(program_.functionName(placeOf(broken).second));
    const std::string how = promise.onlyShared ? " holding " + lock + " only shared" : " without holding " + lock;
    switch (promise.kind) {
      case Kind::Value:
        return quoted(subject) + " is guarded by " + lock + " but " + (promise.writes ? "written" : "read") + where + how;
      case Kind::Pointee:
        return "What " + quoted(subject) + " points to is guarded by " + lock + " but " +
               (promise.writes ? "written" : "read") + where + how;
      case Kind::Requires:
        return quoted(subject) + " requires " + lock + " but is called" + where + how;
      case Kind::Excludes:
        return quoted(subject) + " is not to be called with " + lock + " held, as it is" + where;
      case Kind::Order:
        return quoted(subject) + " is taken" + where + " while " + lock + " is held, against the order that is declared";
    }
    return {};
  }

  std::string fix(const BrokenPromise& promise) const {
    const std::string lock = lockText(promise);
    switch (promise.kind) {
      case Kind::Value:
      case Kind::Pointee:
        return "Hold " + lock + (promise.mode == LockMode::Exclusive ? " exclusively" : "") +
               " here, or let the callers hold it and say so with REQUIRES.";
      case Kind::Requires:
        return "Take " + lock + (promise.mode == LockMode::Exclusive ? " exclusively" : "") + " before the call.";
      case Kind::Excludes:
        return "Give " + lock + " back before the call.";
      case Kind::Order:
        return "Take " + quoted(nameOf(program_, promise.subject)) + " before " + lock + ".";
    }
    return {};
  }

  /// What is known of the callers decides how sure it is that nobody holds the lock.
  std::pair<Confidence, std::string> confidence(const BrokenPromise& promise) const {
    if (promise.guessed) return {Confidence::Low, "the target of a call was guessed from its signature"};
    if (promise.kind == Kind::Excludes || promise.kind == Kind::Order)
      return {Confidence::High, "the attribute and the lock are in one function or in calls it makes"};
    const Function& frame = program_.function(promise.frame);
    const bool isHidden = frame.reach == Function::Reach::Private || frame.linkage == Function::Linkage::Internal;
    if (isHidden && frame.kind != Function::Kind::Lambda && frame.name != "main")
      return {Confidence::Medium, "no caller of " + quoted(frame.name) + " was seen, which may hold the lock"};
    if (frame.kind == Function::Kind::Lambda)
      return {Confidence::Medium, "who runs the lambda in " + quoted(frame.name) + " was not seen, and may hold the lock"};
    return {Confidence::High, "the attribute says so, and no lock by that name is held on the way"};
  }

  WitnessStep lastStep(const BrokenFact& broken, const std::string& subject) const {
    WitnessStep step;
    step.point = program_.point(broken.location);
    step.function = program_.functionName(broken.function);
    step.locks = lockNames(program_, broken.held);
    switch (broken.promise.kind) {
      case Kind::Value:
      case Kind::Pointee:
        step.kind = broken.promise.writes ? WitnessStep::Kind::Write : WitnessStep::Kind::Read;
        step.text = std::string(broken.promise.writes ? "writes " : "reads ") + quoted(subject);
        break;
      case Kind::Requires:
      case Kind::Excludes:
        step.kind = WitnessStep::Kind::Call;
        step.text = "calls " + quoted(subject);
        break;
      case Kind::Order:
        step.kind = WitnessStep::Kind::Acquire;
        step.text = "takes " + quoted(subject);
        break;
    }
    return step;
  }

  Finding finding(const BrokenFact& broken, const std::string& subject) const {
    Finding out;
    out.check = "guard-annotation";
    out.message = message(broken, subject);
    out.location = program_.point(placeOf(broken).first);
    std::tie(out.confidence, out.confidenceReason) = confidence(broken.promise);
    out.subjects = {subject};
    out.functions = {program_.functionName(placeOf(broken).second)};
    out.witness = {witnessThread(program_, nullptr, 0, broken, lastStep(broken, subject))};
    out.fixHint = fix(broken.promise);
    return out;
  }

  const Program& program_;
  std::vector<Finding> findings_;
};

std::vector<Finding> run(const Program& program) { return Reporter(program).report(); }

constexpr std::string_view kAbsorbed[] = {"data-race", "inconsistent-guard", "write-under-shared-lock"};

constexpr CheckInfo kInfo = {
    .id = "guard-annotation",
    .title = "A thread-safety attribute is not kept",
    .reason =
        R"(Clang's thread-safety attributes say which lock guards which data, and which locks a function wants held: GUARDED_BY,
PT_GUARDED_BY, REQUIRES, EXCLUDES, ACQUIRE, RELEASE, ACQUIRED_BEFORE and their older spellings. They are the design, in
writing. Code that does not keep to them races sooner or later, or waits for itself.

The compiler's own analysis looks at one function at a time and knows only annotated locks. Here the whole program is
looked at: a lock taken by a caller counts, also by std::lock_guard on a std::mutex without attributes, in a lambda, or
under another name; and so does the missing one. Locks that are taken on one condition and given back on the same one
are followed.)",
    .example = R"(class Account {
 public:
  void deposit(int amount) { balance_ += amount; }  // without mu_
  int balance() {
    std::lock_guard lock(mu_);
    return balance_;
  }

 private:
  std::mutex mu_;
  int balance_ __attribute__((guarded_by(mu_))) = 0;
};)",
    .fix =
        R"(Take the lock where the data is used:

  void deposit(int amount) {
    std::lock_guard lock(mu_);
    balance_ += amount;
  }

or say that callers have to, and let them:

  void depositLocked(int amount) __attribute__((requires_capability(mu_)));

Where the attribute is what is wrong, mend the attribute: everybody after you will believe it.)",
    .cwe = "CWE-667",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kGuardAnnotation;
const Check kGuardAnnotation = {.info = kInfo, .run = run};

}  // namespace deadheat
