// thread-unsafe-call: library functions that keep hidden state are called by threads that may run at the same time.
#include <algorithm>
#include <map>

#include "analyzers/checks/check.h"
#include "analyzers/checks/place_finding.h"
#include "analyzers/checks/protection.h"
#include "analyzers/link/program.h"

namespace deadheat {
namespace {

constexpr std::string_view kShownBy[] = {"data-race"};

constexpr CheckInfo kInfo = {
    .id = "thread-unsafe-call",
    .title = "A library function with hidden state is called by several threads at the same time",
    .reason =
        R"(Some functions of the C library keep a result, a position or a table in memory of their own that all threads share:
strtok its position, localtime and gmtime the time they return, getpwnam the entry, setenv the environment. Two calls at
the same time, also of different functions that share the same memory, mix their results or corrupt it.

Which functions are affected depends on the library and its version (strerror is safe in glibc since 2.32, rand takes a
lock there and does not elsewhere); deadheat goes by the one compiled against. Only calls that may really run at the same
time, with no common lock, are reported.)",
    .example = R"(std::string stamp(time_t when) {
  char text[32];
  strftime(text, sizeof text, "%H:%M:%S", localtime(&when));  // shared by all threads that call stamp()
  return text;
}

int main() {
  std::thread a([] { log(stamp(time(nullptr))); });
  std::thread b([] { log(stamp(time(nullptr))); });
  a.join();
  b.join();
})",
    .fix =
        R"(Use the variant that writes to memory of the caller's:

  tm parts;
  localtime_r(&when, &parts);

or one lock round all uses of the state, until the result has been copied. The environment is best changed before the
first thread starts.)",
    .cwe = "CWE-676",
    .shownBy = kShownBy,
};

/// A call with what it shares.
struct SharingCall {
  const SharedOperation* operation = nullptr;
  const LibraryCall* facts = nullptr;
};

/// Hidden state that both use and one changes; empty if there is none.
std::string sharedState(const LibraryCall& a, const LibraryCall& b) {
  if (a.access == AccessKind::Read && b.access == AccessKind::Read) return {};
  for (const std::string& state : a.states) {
    if (std::find(b.states.begin(), b.states.end(), state) != b.states.end()) return state;
  }
  return {};
}

bool isHandler(const Actor& actor) {
  return actor.thread.isSignalHandler();
}

class Search {
 public:
  explicit Search(const Program& program) : program_(program) {}

  void look(const Scope& scope) {
    if (scope.kind == Scope::Kind::Frame && !scope.whole) return;
    std::vector<SharingCall> calls;
    for (const SharedOperation& o : scope.operations) {
      if (o.fact.kind != OperationFact::Kind::LibraryCall || isHandler(scope.actors[o.actor])) continue;
      calls.push_back({&o, std::get_if<LibraryCall>(o.fact.facts)});
    }
    for (const SharingCall& a : calls) {
      if (a.facts->access == AccessKind::Read) continue;
      for (const SharingCall& b : calls) compare(scope, a, b);
    }
  }

  std::vector<Finding> findings() {
    std::vector<Finding> all;
    for (auto& [location, finding] : best_) all.push_back(std::move(finding));
    return all;
  }

 private:
  void compare(const Scope& scope, const SharingCall& a, const SharingCall& b) {
    const std::string state = sharedState(*a.facts, *b.facts);
    if (state.empty()) return;
    const SharedOperation& x = *a.operation;
    const SharedOperation& y = *b.operation;
    const Tables& tables = program_.tables();
    if (!scope.mayHappenInParallel(x.fact, x.actor, y.fact, y.actor, tables)) return;
    const Protection protects = protection(tables, x.fact.held, y.fact.held);
    if (protects == Protection::Sure) return;
    Finding finding = report(scope, a, b, state);
    rateCalls(finding, scope, x, y, protects);
    auto [slot, fresh] = best_.try_emplace(x.fact.location, finding);
    if (!fresh && slot->second.confidence < finding.confidence) slot->second = std::move(finding);
  }

  static void rateCalls(Finding& finding, const Scope& scope, const SharedOperation& x, const SharedOperation& y,
                        Protection protects) {
    const bool noThread = scope.actors[x.actor].kind == Actor::Kind::AnyCaller &&
                          scope.actors[y.actor].kind == Actor::Kind::AnyCaller;
    if (noThread) {
      rate(finding, Confidence::Low, "no thread was seen to call it; callers in several threads are assumed");
    } else if (x.fact.guessed || y.fact.guessed) {
      rate(finding, Confidence::Low, "the target of a call was guessed from its signature");
    } else if (protects == Protection::Possible) {
      rate(finding, Confidence::Low, "both may hold the same lock by different names");
    } else if (scope.kind != Scope::Kind::Frame) {
      rate(finding, Confidence::Medium, "the public methods are assumed to be called while the object's thread runs");
    } else {
      rate(finding, Confidence::High, "the threads are known and no lock keeps the calls apart");
    }
  }

  Finding report(const Scope& scope, const SharingCall& a, const SharingCall& b, const std::string& state) const {
    const OperationFact& x = a.operation->fact;
    const OperationFact& y = b.operation->fact;
    Finding out = findingAt(program_, kInfo.id, x, a.facts->function, "calls " + quoted(a.facts->function));
    out.witness.front().name = actorName(program_, scope, a.operation->actor);
    addPlace(program_, out, y, "calls " + quoted(b.facts->function), actorName(program_, scope, b.operation->actor));
    out.message = quoted(program_.functionName(x.function)) + " calls " + quoted(a.facts->function) + " while " +
                  (x.location == y.location ? "another thread may do so too"
                                            : "another thread may call " + quoted(b.facts->function) + " in " +
                                                  quoted(program_.functionName(y.function))) +
                  ": both use " + state;
    if (!a.facts->instead.empty()) out.fixHint = "Use " + a.facts->instead + ", or one lock round all calls.";
    return out;
  }

  const Program& program_;
  std::map<Location, Finding> best_;
};

std::vector<Finding> run(const Program& program) {
  Search search(program);
  for (const Scope& scope : program.scopes()) search.look(scope);
  return search.findings();
}

}  // namespace

extern const Check kThreadUnsafeCall;
const Check kThreadUnsafeCall = {.info = kInfo, .run = run};

}  // namespace deadheat
