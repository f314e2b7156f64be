// lock-leak: a lock taken by hand that some way out of the function does not give back.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analyzers/checks/check.h"
#include "analyzers/checks/lock_evidence.h"
#include "analyzers/checks/witness.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

/// The name says that the function is meant to return with a lock held.
bool saysItKeepsLocks(llvm::StringRef name) {
  name = name.rsplit("::").second.empty() ? name : name.rsplit("::").second;
  for (llvm::StringRef word : {"lock", "acquire", "enter", "begin", "start", "hold", "take", "grab", "pause", "freeze",
                               "suspend", "prepare", "prefork", "before"}) {
    if (name.contains_insensitive(word)) return true;
  }
  return false;
}

class Reporter {
 public:
  explicit Reporter(const Program& program) : program_(program), evidence_(program) {
    // Who waits for a lock he holds never comes to the way out; a callee that took it came out before.
    for (const DoubleLock& d : program.doubleLocks()) {
      const bool taken = program.tables().holdSites[d.first.since].trace == TraceId::Here;
      if (!d.leaked && taken) hangs_.insert(placeInFrame(program, d.first.since));
    }
    for (const LockIncident& incident : program.lockIncidents()) {
      if (incident.kind != LockIncident::Kind::TakenTwice || !incident.always) continue;
      hangs_.insert(placeInFrame(program, incident.since));
      hangs_.insert(placeInFrame(program, incident.at));
    }
  }

  void add(const LockIncident& leak) {
    const Location place = placeInFrame(program_, leak.since);
    if (isMeant(leak) || hangs_.contains(place)) return;
    if (program_.tables().holdSites[leak.since].trace == TraceId::Here) here_.insert(place);
    const LockIncident*& known = best_[{place, leak.lock}];
    if (!known || std::tuple(leak.kind, leak.always) < std::tuple(known->kind, known->always)) known = &leak;
  }

  std::vector<Finding> findings() const {
    std::vector<Finding> out;
    for (const auto& [key, leak] : best_) {
      // Where a callee forgets the lock, its callers cannot know.
      const HoldSite& since = program_.tables().holdSites[leak->since];
      if (since.trace == TraceId::Here || !here_.contains(since.location)) out.push_back(finding(*leak));
    }
    return out;
  }

 private:
  bool isOwn(PathId lock) const {
    const PathTable& paths = program_.tables().paths;
    return paths.storage(lock) == Storage::Local && !paths.passes(lock, PathNode::Kind::Deref);
  }
  bool isThrown(const LockIncident& leak) const { return leak.kind == LockIncident::Kind::LeaksByThrow; }

  /// Whoever calls the function is to give the lock back.
  bool isMeant(const LockIncident& leak) const {
    if (isOwn(leak.lock)) return false;
    const Function& function = program_.function(leak.frame);
    if (evidence_.isGivenBackByCallers(leak.frame, leak.lock)) return true;
    // A function that takes whatever lock it is given is a name for taking it.
    const PathTable& paths = program_.tables().paths;
    if (leak.always && !isThrown(leak) && fieldKey(paths, leak.lock).empty() &&
        paths.storage(leak.lock) != Storage::Global) {
      return true;
    }
    if (function.kind == Function::Kind::Constructor && leak.always) return true;
    return leak.always && !isThrown(leak) && evidence_.isGivenBackElsewhere(leak.lock);
  }

  void rate(const LockIncident& leak, Finding& out) const {
    const std::string name = program_.functionName(leak.frame);
    auto say = [&](Confidence confidence, const char* reason) {
      out.confidence = confidence;
      out.confidenceReason = reason;
    };
    if (isThrown(leak) && !evidence_.catches()) {
      say(Confidence::Low, "nothing catches the exception, so that the program ends");
    } else if (isThrown(leak)) {
      say(Confidence::Medium, "it takes the exception to be thrown and somebody to catch it and go on");
    } else if (name == "main") {
      say(Confidence::Low, "the program ends there");
    } else if (isOwn(leak.lock)) {
      say(Confidence::High, "the lock lives in the function, and nobody else can give it back");
    } else if (leak.always && saysItKeepsLocks(name)) {
      say(Confidence::Low, "the function seems to be meant to return with the lock held");
    } else if (leak.always) {
      say(Confidence::Medium, "no function of the program gives the lock back for another");
    } else if (evidence_.isHandedOver(leak.lock)) {
      say(Confidence::Low, "some function gives such a lock back that it did not take, so it may be handed over");
    } else if (!evidence_.hasCallers(leak.frame) && evidence_.isGivenBackElsewhere(leak.lock)) {
      say(Confidence::Low, "callers that are not known may give the lock back, as others do");
    } else if (saysItKeepsLocks(name)) {
      say(Confidence::Medium, "the function gives the lock back on other ways out; callers that are not known may too");
    } else {
      say(Confidence::High, "the function gives the lock back on its other ways out, and no caller does");
    }
  }

  Finding finding(const LockIncident& leak) const {
    const std::string lock = quoted(nameOf(program_, leak.lock));
    Finding out = lockFinding(program_, leak, "lock-leak");
    out.location = program_.point(placeInFrame(program_, leak.since));
    out.sites = {{Site::Kind::Acquire, pointOf(program_, leak.since),
                  program_.functionName(program_.tables().holdSites[leak.since].function), {}}};
    out.message = quoted(program_.functionName(leak.frame)) + " takes " + lock;
    std::string last = "returns with " + lock + " held";
    if (isThrown(leak)) {
      out.message += " by hand, and an exception leaves it locked";
      last = "an exception may leave from here with " + lock + " held";
    } else if (leak.always) {
      out.message += " and returns without giving it back";
    } else {
      out.message += ", and one way out does not give it back";
    }
    if (leak.at != HoldSiteId::None) out.message += " (line " + std::to_string(pointOf(program_, leak.at).line) + ")";
    out.witness = {tellMarks(program_, {{leak.since, WitnessStep::Kind::Acquire, "takes " + lock},
                                        {leak.at, WitnessStep::Kind::Other, last}})};
    out.fixHint = "Let a guard hold " + lock + ", or give it back on every way out.";
    rate(leak, out);
    return out;
  }

  const Program& program_;
  const LockEvidence evidence_;
  std::set<Location> hangs_, here_;
  std::map<std::pair<Location, PathId>, const LockIncident*> best_;
};

std::vector<Finding> run(const Program& program) {
  Reporter reporter(program);
  for (const LockIncident& incident : program.lockIncidents()) {
    const bool leaks =
        incident.kind == LockIncident::Kind::Leaks || incident.kind == LockIncident::Kind::LeaksByThrow;
    if (leaks) reporter.add(incident);
  }
  return reporter.findings();
}

/// Whoever comes next and waits for the lock that was left locked.
constexpr std::string_view kAbsorbed[] = {"double-lock"};

constexpr std::string_view kShownBy[] = {"lock-misuse"};

constexpr CheckInfo kInfo = {
    .id = "lock-leak",
    .title = "A way out of a function leaves a lock locked",
    .reason =
        R"(A lock that was taken by hand has to be given back by hand, on every way out: each return, each break out of a
loop, and each exception that passes. One way that forgets it is enough, and it is usually the one that tests do not
take: an error, an empty list, a call that throws. Whoever wants the lock next waits for good, and that may be long
after and far away.

A function that is meant to return with the lock held is not reported, as long as somebody gives the lock back for it.)",
    .example = R"(std::mutex mu;
std::map<int, std::string> names;

bool rename(int id, const std::string& name) {
  mu.lock();
  auto it = names.find(id);
  if (it == names.end()) return false;  // mu stays locked
  it->second = name;
  mu.unlock();
  return true;
})",
    .fix =
        R"(Let a guard own the hold; it gives it back whichever way the block is left:

  std::lock_guard lock(mu);

In C, give the lock back in one place that all ways lead to (`goto out;`), or decide what can fail before taking it.)",
    .cwe = "CWE-667",
    .absorbs = kAbsorbed,
    .endsInHang = true,
    .shownBy = kShownBy,
};

}  // namespace

extern const Check kLockLeak;
const Check kLockLeak = {.info = kInfo, .run = run};

}  // namespace deadheat
