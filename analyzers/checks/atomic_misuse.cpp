// atomic-misuse: atomics used so that what was meant to be one step, or ordered, is not.
#include <algorithm>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/view_queries.h"
#include "analyzers/checks/witness.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

constexpr std::string_view kId = "atomic-misuse";

bool isAtomic(const Access* access) { return access && access->atomicity == Atomicity::Atomic; }

/// One place in one function, as a finding.
Finding findingAt(const Program& program, const FunctionView& view, const StepView& step, PathId variable) {
  Finding out;
  out.check = kId;
  out.location = program.point(step.step->location);
  out.subjects = {nameOf(program, variable)};
  out.functions = {program.functionName(view.function)};
  WitnessStep shown{WitnessStep::Kind::Write, out.location, out.functions[0], "writes " + quoted(out.subjects[0]), {}, 0};
  out.witness = {{"any thread in " + quoted(out.functions[0]), {std::move(shown)}}};
  return out;
}

/// How many threads are seen to change a variable.
enum class Writers : std::uint8_t { Unknown, One, Several };

Writers writersOf(const Program& program, PathId variable) {
  const std::string name = nameOf(program, variable);
  std::set<std::uint32_t> writers;
  bool many = false;
  for (const Scope& scope : program.scopes()) {
    if (!scope.isMain) continue;
    for (const SharedAccess& access : scope.accesses) {
      if (!access.fact.writes() || nameOf(program, access.fact.path) != name) continue;
      writers.insert(access.actor);
      many |= scope.isMany(access.actor);
    }
  }
  if (writers.empty()) return Writers::Unknown;
  return writers.size() > 1 || many ? Writers::Several : Writers::One;
}

class Finder {
 public:
  Finder(const Program& program, const FunctionView& view, std::vector<Finding>& findings)
      : program_(program), view_(view), findings_(findings) {}

  void find() {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      const auto& steps = view_.blocks[b].steps;
      for (std::size_t i = 0; i < steps.size(); ++i) {
        if (std::holds_alternative<Compute>(*steps[i].step->what) && i + 1 < steps.size())
          considerStore(b, i, steps[i], steps[i + 1]);
        considerWeak(b, steps[i]);
      }
    }
  }

 private:
  bool isShared(PathId path) const {
    const Storage storage = program_.tables().paths.storage(path);
    return path != PathId::Unknown && (storage != Storage::Local || program_.tables().paths.passes(path, PathNode::Kind::Deref));
  }

  /// The order of the last load of `variable` before step `end` of the block; NotAtomic if it is read as plain memory.
  MemoryOrder loadOrder(std::uint32_t b, std::size_t end, PathId variable) const {
    MemoryOrder order = MemoryOrder::SeqCst;
    for (std::size_t i = 0; i < end; ++i) {
      const StepView& step = view_.blocks[b].steps[i];
      const auto* access = std::get_if<Access>(step.step->what);
      if (access && step.path == variable && access->kind == AccessKind::Read) order = access->order;
    }
    return order;
  }

  /// `x.store(f(x.load()))`.
  void considerStore(std::uint32_t b, std::size_t i, const StepView& compute, const StepView& store) {
    const auto* access = std::get_if<Access>(store.step->what);
    if (!isAtomic(access) || access->kind != AccessKind::Write || store.path != compute.path) return;
    if (std::ranges::count(compute.from, store.path) == 0 || !isShared(store.path)) return;
    if (compute.held != LocksetId::Empty) return;
    Finding out = findingAt(program_, view_, store, store.path);
    const std::string name = quoted(out.subjects[0]);
    out.message = quoted(out.functions[0]) + " loads " + name + " and stores a value made from it in two steps: what " +
                  "another thread stores in between is lost";
    out.sites = {{Site::Kind::Look, program_.point(compute.step->location), out.functions[0], {}},
                 {Site::Kind::Act, out.location, out.functions[0], {}}};
    rateStore(out, loadOrder(b, i, store.path), writersOf(program_, store.path));
    out.fixHint = "Use one read-modify-write: ++, +=, fetch_add and the like, or a compare_exchange loop.";
    findings_.push_back(std::move(out));
  }

  /// Who is the only one to change a variable reads it back in any order, and so says that he is.
  static void rateStore(Finding& out, MemoryOrder load, Writers writers) {
    const bool isLoose = load == MemoryOrder::Relaxed || load == MemoryOrder::NotAtomic;
    out.confidence = Confidence::High;
    out.confidenceReason = "load and store are two operations, no lock is held, and several threads do this";
    if (writers == Writers::One) {
      out.confidence = Confidence::Low;
      out.confidenceReason = "only one thread is seen to change it";
    } else if (isLoose && writers != Writers::Several) {
      out.confidence = Confidence::Low;
      out.confidenceReason = "a load that orders nothing, before a store, is how a single writer is written";
    } else if (writers != Writers::Several) {
      out.confidence = Confidence::Medium;
      out.confidenceReason = "load and store are two operations, and several threads are assumed to do this";
    } else if (isLoose) {
      out.confidence = Confidence::Medium;
      out.confidenceReason = "several threads change it, though the load is written as one of a single writer";
    }
  }

  /// The block goes on to return what the operation said.
  bool isReturned(std::uint32_t b, const StepView& step) const {
    const std::vector<StepView>& steps = view_.blocks[b].steps;
    return std::any_of(&step - steps.data() + steps.begin(), steps.end(), [&](const StepView& later) {
      return std::holds_alternative<Return>(*later.step->what) &&
             std::find(later.from.begin(), later.from.end(), step.path) != later.from.end();
    });
  }

  void considerWeak(std::uint32_t b, const StepView& step) {
    const auto* access = std::get_if<Access>(step.step->what);
    if (!isAtomic(access) || !llvm::StringRef(access->operation).contains("compare_exchange_weak")) return;
    if (!isShared(step.path) || isInLoop(*view_.body, b)) return;
    Finding out = findingAt(program_, view_, step, step.path);
    out.message = quoted(out.functions[0]) + " tries a weak compare-exchange of " + quoted(out.subjects[0]) +
                  " once: it may fail although nobody changed the value";
    const bool tries = llvm::StringRef(out.functions[0]).contains_insensitive("try");
    const bool tells = tries || isReturned(b, step);
    out.confidence = tells ? Confidence::Low : Confidence::Medium;
    out.confidenceReason = tries   ? "the name says that it may fail"
                           : tells ? "the caller is told, and may try again"
                                   : "the caller may be prepared for a failure";
    out.fixHint = "Use compare_exchange_strong, or try again in a loop.";
    findings_.push_back(std::move(out));
  }

  const Program& program_;
  const FunctionView& view_;
  std::vector<Finding>& findings_;
};

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  Finder(program, view, findings).find();
}

/// Atomics that the function of `fact` stores in relaxed order after it, or loads before it, by their names.
std::set<std::string> gates(const Program& program, const AccessFact& fact, bool stores) {
  const FunctionView view = program.view(fact.function);
  std::set<std::string> names;
  auto note = [&](const StepView& step) {
    const auto* access = std::get_if<Access>(step.step->what);
    if (!isAtomic(access) || !access->operation.empty()) return;
    if (stores ? access->kind == AccessKind::Write && access->order == MemoryOrder::Relaxed
               : access->kind == AccessKind::Read)
      names.insert(nameOf(program, step.path));
  };
  for (std::uint32_t b = 0; b < view.blocks.size(); ++b) {
    const auto& steps = view.blocks[b].steps;
    auto here = std::find_if(steps.begin(), steps.end(), [&](const StepView& step) {
      return step.step->location == fact.location && std::holds_alternative<Access>(*step.step->what);
    });
    if (here == steps.end()) continue;
    if (stores) {
      std::for_each(here, steps.end(), note);
      const std::vector<bool> after = reachableFrom(*view.body, b);
      for (std::uint32_t other = 0; other < view.blocks.size(); ++other)
        if (after[other]) std::ranges::for_each(view.blocks[other].steps, note);
    } else {
      std::for_each(steps.begin(), here, note);
      for (std::uint32_t other = 0; other < view.blocks.size(); ++other)
        if (reachableFrom(*view.body, other)[b]) std::ranges::for_each(view.blocks[other].steps, note);
    }
  }
  return names;
}

/// The atomic that publishes what `write` writes, in too weak an order; empty if there is none.
std::string weakGate(const Program& program, const AccessFact& write, const AccessFact& read) {
  if (!write.writes() || write.atomicity != Atomicity::Plain || read.atomicity != Atomicity::Plain) return {};
  const std::set<std::string> stored = gates(program, write, true);
  if (stored.empty()) return {};
  for (const std::string& loaded : gates(program, read, false)) {
    if (stored.contains(loaded)) return loaded;
  }
  return {};
}

bool isDeclaredAtomic(const Program& program, const AccessFact& fact) {
  const Record::Field* field = program.field(fact.path);
  if (field) return field->kind == Record::Field::Kind::Atomic;
  const GlobalVariable* global = program.global(fact.path);
  const llvm::StringRef type = global ? llvm::StringRef(global->type) : llvm::StringRef();
  return type.contains("atomic") || type.contains("_Atomic");
}

bool recognise(const Program& program, const RacePair& pair, Finding& finding) {
  const AccessFact& a = pair.a->fact;
  const AccessFact& b = pair.b->fact;
  const std::string name = quoted(finding.subjects.front());
  const bool mixed = (a.atomicity == Atomicity::Atomic) != (b.atomicity == Atomicity::Atomic);
  if (mixed && !a.frees && !b.frees && !a.ending && !b.ending && isDeclaredAtomic(program, a)) {
    finding.check = kId;
    finding.message = "The atomic " + name + " is used past its operations: " + meetingText(program, pair);
    finding.fixHint = "Use the atomic's own operations everywhere; a plain pointer or memcpy to it is not atomic.";
    return true;
  }
  std::string gate = weakGate(program, a, b);
  if (gate.empty()) gate = weakGate(program, b, a);
  if (gate.empty()) return false;
  finding.check = kId;
  finding.message = quoted(gate) + " is stored in relaxed order to say that " + name + " is ready, which orders nothing: " +
                    meetingText(program, pair);
  finding.fixHint = "Store " + quoted(gate) + " with memory_order_release and load it with memory_order_acquire.";
  return true;
}

constexpr std::string_view kAbsorbed[] = {"atomic-misuse", "data-race"};

constexpr CheckInfo kInfo = {
    .id = kId,
    .title = "Atomics used so that what was meant to be one step, or in order, is not",
    .reason =
        R"(Each operation of an atomic is one step; two of them are two. Loading a counter and storing it back plus one loses
what other threads add in between, and so does x = x + 1 on a std::atomic, which looks like one step and is a load and
a store.

A weak compare-exchange may fail although the value is the expected one; used once, outside a loop, it gives up for no
reason. An atomic read or written through a plain pointer or memcpy is not atomic there. And a flag stored in relaxed
order is seen some day, but says nothing about the data that was written before it.)",
    .example = R"(std::atomic<int> visitors{0};

void enter() {
  visitors = visitors + 1;  // a load and a store: two threads may count one visitor
})",
    .fix =
        R"(Use the operation that does it in one step:

  visitors.fetch_add(1);

or a loop round compare_exchange_weak for what no single operation does. To publish data, store with release and load
with acquire.)",
    .cwe = "CWE-362",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kAtomicMisuse;
const Check kAtomicMisuse = {.info = kInfo, .inspect = inspect, .recognise = recognise};

}  // namespace deadheat
