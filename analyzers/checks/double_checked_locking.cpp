// double-checked-locking: a look without the lock decides whether to take it and look again.
#include <algorithm>
#include <deque>
#include <set>

#include "analyzers/checks/check.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

constexpr std::string_view kId = "double-checked-locking";

/// An access of one function with what it is about.
struct Look {
  const StepView* step = nullptr;
  const Access* access = nullptr;
  std::uint32_t block = 0;
};

class Finder {
 public:
  Finder(const Program& program, const FunctionView& view)
      : program_(program), paths_(program.tables().paths), view_(view) {}

  void find(std::vector<Finding>& findings) {
    for (std::uint32_t b = 0; b < view_.blocks.size(); ++b) {
      const BlockView& block = view_.blocks[b];
      if (!block.reached || !block.branch || view_.body->blocks[b].successors.size() < 2) continue;
      for (PathId variable : block.branch->depends) considerOuter(b, variable, findings);
    }
  }

 private:
  bool isShared(PathId path) const {
    if (path == PathId::Unknown || paths_.passes(path, PathNode::Kind::Element) || !isData(program_, path)) return false;
    const Storage storage = paths_.storage(path);
    return storage == Storage::Global || storage == Storage::This ||
           (storage == Storage::Parameter && paths_.passes(path, PathNode::Kind::Deref));
  }

  /// The last read of `variable` in the block, which its branch tests.
  const StepView* readIn(std::uint32_t b, PathId variable) const {
    const auto& steps = view_.blocks[b].steps;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
      const auto* access = std::get_if<Access>(step->step->what);
      if (access && step->path == variable && access->kind == AccessKind::Read) return &*step;
    }
    return nullptr;
  }

  /// A once flag that was passed on the way keeps nobody out.
  bool isUnderLock(LocksetId held) const {
    return std::ranges::any_of(program_.tables().locksets[held], [](const HeldLock& lock) { return lock.hold != Hold::Passed; });
  }

  void considerOuter(std::uint32_t b, PathId variable, std::vector<Finding>& findings) {
    const StepView* outer = isShared(variable) ? readIn(b, variable) : nullptr;
    if (!outer || isUnderLock(outer->held) || outer->released != PathSetId::Empty) return;
    const auto& access = std::get<Access>(*outer->step->what);
    // A container that is asked without its lock is a race, but announces nothing by it.
    if (!access.operation.empty() && access.operation.find("_ptr") == std::string::npos &&
        access.atomicity != Atomicity::Atomic)
      return;
    const bool weak = access.atomicity != Atomicity::Atomic || access.order == MemoryOrder::Relaxed;
    // The look decides whether the lock is taken at all: some way from here leads past the second look.
    const StepView* write = nullptr;
    bool isAvoided = false;
    for (std::uint32_t next : view_.body->blocks[b].successors) {
      const StepView* there = secondLook(b, next, variable);
      isAvoided |= there == nullptr;
      if (there) write = there;
    }
    if (!write || !isAvoided) return;
    const auto* stored = std::get_if<Access>(write->step->what);
    const bool weakStore = stored && stored->atomicity == Atomicity::Atomic && stored->order == MemoryOrder::Relaxed;
    if (!weak && !weakStore) return;
    report(*outer, access, *write, variable, findings);
  }

  /// Both ask one thing of `variable`, or the opposite: not two bits of a word.
  static bool asksTheSame(const BranchView& first, const BranchView& second, PathId variable) {
    auto depends = [&](const BranchView& branch) {
      return std::find(branch.depends.begin(), branch.depends.end(), variable) != branch.depends.end();
    };
    if (!depends(first) || !depends(second)) return false;
    const bool plain = first.tested == variable && second.tested == variable;
    return first.what->text == second.what->text || (plain && first.what->against == second.what->against);
  }

  /// The write of `variable` under a lock taken after block `b` on the way by `next`, where a second test under the lock
  /// leads to it.
  const StepView* secondLook(std::uint32_t b, std::uint32_t next, PathId variable) const {
    std::deque<std::uint32_t> work;
    std::set<std::pair<std::uint32_t, bool>> seen;
    std::deque<bool> tested;
    auto enter = [&](std::uint32_t to, bool again) {
      if (!seen.insert({to, again}).second) return;
      work.push_back(to);
      tested.push_back(again);
    };
    enter(next, false);
    while (!work.empty()) {
      const std::uint32_t at = work.front();
      bool again = tested.front();
      work.pop_front();
      tested.pop_front();
      const BlockView& block = view_.blocks[at];
      if (at == b || !block.reached) continue;
      for (const StepView& step : block.steps) {
        const auto* access = std::get_if<Access>(step.step->what);
        if (access && again && step.path == variable && access->kind != AccessKind::Read &&
            isUnderLock(step.held))
          return &step;
      }
      if (block.branch && isUnderLock(block.heldAtEnd) && asksTheSame(*view_.blocks[b].branch, *block.branch, variable))
        again = true;
      for (std::uint32_t to : view_.body->blocks[at].successors) enter(to, again);
    }
    return nullptr;
  }

  void report(const StepView& outer, const Access& look, const StepView& write, PathId variable,
              std::vector<Finding>& findings) const {
    const std::string name = nameOf(program_, variable);
    const std::string function = program_.functionName(view_.function);
    const bool atomic = look.atomicity == Atomicity::Atomic;
    Finding out;
    out.check = kId;
    out.message = quoted(function) + " looks at " + quoted(name) +
                  (atomic ? " in relaxed order" : look.atomicity == Atomicity::Volatile ? " as a volatile" : "") +
                  " before it takes the lock and looks again: another thread may see it set before what it stands for "
                  "is written";
    out.location = program_.point(outer.step->location);
    out.confidence = Confidence::High;
    out.confidenceReason = "the lock round the second look says that threads meet here";
    if (atomic) {
      out.confidence = Confidence::Medium;
      out.confidenceReason = "the order is too weak if the variable stands for other data";
    }
    out.subjects = {name};
    out.functions = {function};
    const SourcePoint first = program_.point(outer.step->location), second = program_.point(write.step->location);
    out.sites = {{Site::Kind::Write, second, function, {}}, {Site::Kind::Read, first, function, {}}};
    out.witness = {
        {"one thread in " + quoted(function),
         {{WitnessStep::Kind::Write, second, function, "writes " + quoted(name), lockNames(program_, write.held), 0}}},
        {"another thread in " + quoted(function),
         {{WitnessStep::Kind::Read, first, function, "reads " + quoted(name) + " without the lock", {}, 0}}}};
    out.fixHint = atomic ? "Load it with memory_order_acquire and store it with memory_order_release."
                         : "Use a static local or std::call_once, or make it atomic: acquire outside, release inside.";
    findings.push_back(std::move(out));
  }

  const Program& program_;
  const PathTable& paths_;
  const FunctionView& view_;
};

void inspect(const Program& program, const FunctionView& view, std::vector<Finding>& findings) {
  Finder(program, view).find(findings);
}

constexpr std::string_view kAbsorbed[] = {"data-race", "plain-flag-sync", "shared-ptr-race"};

constexpr CheckInfo kInfo = {
    .id = kId,
    .title = "A look without the lock decides whether to take it and look again",
    .reason =
        R"(To save the lock on the common way, a pointer or flag is tested first without it; only if it is not set, the lock is
taken and the test repeated. The first test reads what another thread writes under the lock, and nothing orders the
two. The compiler and the processor may make the pointer visible before the object behind it is written, so a thread
that skips the lock can use an object that is not there yet. volatile changes nothing about that.

With an atomic that is loaded with acquire and stored with release, the idiom is correct; with relaxed order it is not.)",
    .example = R"(Settings* settings = nullptr;
std::mutex mu;

Settings& get() {
  if (!settings) {              // no lock: races with the write below
    std::lock_guard lock(mu);
    if (!settings) settings = new Settings();
  }
  return *settings;             // may be seen before it is constructed
})",
    .fix =
        R"(A static local is initialised once, and its fast path is as cheap:

  Settings& get() { static Settings settings; return settings; }

For a member, std::call_once; or keep the idiom with std::atomic<Settings*> and load(std::memory_order_acquire) outside,
store(pointer, std::memory_order_release) inside.)",
    .cwe = "CWE-609",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kDoubleCheckedLocking;
const Check kDoubleCheckedLocking = {.info = kInfo, .inspect = inspect};

}  // namespace deadheat
