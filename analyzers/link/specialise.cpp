#include "analyzers/link/specialise.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace deadheat {
namespace {

constexpr std::size_t kMaxVariants = 4;  ///< Copies of one function.
constexpr int kMaxHops = 3;              ///< Calls between a function and the lock that it may be about; parameters handed on.

/// What is known of an argument.
struct Known {
  bool isPointer = false;         ///< To something: not null, whatever its value.
  Symbol number = Symbol::Empty;  ///< Its value, in digits.
  auto operator<=>(const Known&) const = default;
  bool any() const { return isPointer || number != Symbol::Empty; }
};

/// By parameter, as many as are wanted.
using Arguments = std::map<std::uint32_t, Known>;

bool concernsLocks(const EventKind& what) {
  return std::holds_alternative<Acquire>(what) || std::holds_alternative<Release>(what) ||
         std::holds_alternative<Wait>(what) || std::holds_alternative<Notify>(what) ||
         std::holds_alternative<Join>(what) || std::holds_alternative<Spawn>(what);
}

class Specialiser {
 public:
  Specialiser(Bodies& bodies, Tables& tables)
      : bodies_(bodies),
        tables_(tables),
        zero_(tables.symbols.intern("0")),
        count_(bodies.functions.size()),
        limit_(count_ + 200 + count_ / 8) {}

  void run() {
    findWanted();
    if (std::all_of(wanted_.begin(), wanted_.end(), [](const auto& some) { return some.empty(); })) return;
    for (std::size_t f = 0; f < bodies_.functions.size(); ++f) {  // Grows meanwhile: copies call as well.
      for (std::size_t c = 0; c < bodies_.functions[f].calls.size(); ++c) specialise(f, c);
    }
    retire();
  }

 private:
  std::optional<std::uint32_t> parameter(PathId path) const {
    if (path == PathId::Unknown || !tables_.paths.isRoot(path) || tables_.paths.storage(path) != Storage::Parameter)
      return std::nullopt;
    return tables_.paths[path].index;
  }

  /// Parameters that keep the value they are passed, of those that branches test or calls hand on.
  std::set<std::uint32_t> changed(const Body& body) const {
    std::set<std::uint32_t> out;
    auto note = [&](PathId path) {
      if (path == PathId::Unknown || tables_.paths.storage(path) != Storage::Parameter) return;
      if (const auto index = parameter(tables_.paths[path].root)) out.insert(*index);
    };
    auto noteAddress = [&](const LinkedValue& v) {
      if (v.kind == Value::Kind::AddressOf && parameter(v.path)) note(v.path);
    };
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        const auto* access = std::get_if<Access>(step.what);
        const bool sets = access ? access->kind != AccessKind::Read
                                 : std::holds_alternative<Assign>(*step.what) ||
                                       std::holds_alternative<Compute>(*step.what) ||
                                       std::holds_alternative<Flag>(*step.what);
        if (sets && parameter(step.path)) note(step.path);
        noteAddress(step.value);
      }
    }
    for (const CallSite& call : body.calls) {
      for (const LinkedValue& argument : call.arguments) noteAddress(argument);
      if (call.receiver) noteAddress(*call.receiver);
    }
    return out;
  }

  std::set<std::uint32_t> deciding(const Body& body) const {
    std::set<std::uint32_t> out;
    for (const LinkedBranch& branch : body.branches)
      if (const auto index = parameter(branch.tested)) out.insert(*index);
    return out;
  }

  /// Functions from which a lock operation is at most kMaxHops calls away.
  std::vector<bool> nearLocks() const {
    std::vector<bool> near(count_);
    for (std::size_t f = 0; f < count_; ++f) {
      for (const StepBlock& block : bodies_.functions[f].blocks)
        near[f] = near[f] || std::any_of(block.steps.begin(), block.steps.end(),
                                         [](const Step& step) { return concernsLocks(*step.what); });
    }
    for (int hop = 0; hop < kMaxHops; ++hop) {
      std::vector<bool> next = near;
      for (std::size_t f = 0; f < count_; ++f) {
        for (const CallSite& call : bodies_.functions[f].calls)
          for (FunctionIndex target : call.targets) next[f] = next[f] || near[raw(target)];
      }
      near = std::move(next);
    }
    return near;
  }

  void findWanted() {
    wanted_.resize(count_);
    std::vector<std::set<std::uint32_t>> fixed(count_);
    const std::vector<bool> near = nearLocks();
    for (std::size_t f = 0; f < count_; ++f) {
      const Body& body = bodies_.functions[f];
      if (!near[f] || body.contexts.size() > 1 || body.facts->parameters.empty()) continue;
      const std::set<std::uint32_t> set = changed(body);
      for (std::uint32_t p = 0; p < body.facts->parameters.size(); ++p)
        if (!set.contains(p)) fixed[f].insert(p);
      for (std::uint32_t p : deciding(body))
        if (fixed[f].contains(p)) wanted_[f].insert(p);
    }
    for (int hop = 0; hop < kMaxHops; ++hop) {
      for (std::size_t f = 0; f < count_; ++f) {
        if (fixed[f].empty()) continue;
        for (const CallSite& call : bodies_.functions[f].calls) wantHandedOn(call, fixed[f], wanted_[f]);
      }
    }
  }

  /// Parameters of the caller that `call` passes where the callee wants to know.
  void wantHandedOn(const CallSite& call, const std::set<std::uint32_t>& fixed, std::set<std::uint32_t>& wanted) const {
    if (!isPlain(call)) return;
    for (std::uint32_t p : wanted_[raw(call.targets[0])]) {
      if (p >= call.arguments.size() || call.arguments[p].kind != Value::Kind::Load) continue;
      const auto own = parameter(call.arguments[p].path);
      if (own && fixed.contains(*own)) wanted.insert(*own);
    }
  }

  bool isPlain(const CallSite& call) const {
    return call.kind == Callee::Kind::Direct && !call.spawn && call.targets.size() == 1 && raw(call.targets[0]) < count_;
  }

  bool isDigits(Symbol number) const {
    const std::string_view text = tables_.symbols.text(number);
    return !text.empty() && text.find_first_not_of("-0123456789") == std::string_view::npos;
  }

  Known knownOf(const LinkedValue& value, const std::string& type) const {
    if (value.kind == Value::Kind::Function || value.kind == Value::Kind::AddressOf)
      return {type.ends_with('*') || type.ends_with(')'), Symbol::Empty};
    if (value.kind != Value::Kind::Constant) return {};
    if (value.number == Symbol::Empty) return {false, type.ends_with('*') ? zero_ : Symbol::Empty};
    return {false, isDigits(value.number) ? value.number : Symbol::Empty};
  }

  void specialise(std::size_t caller, std::size_t site) {
    const CallSite& call = bodies_.functions[caller].calls[site];
    if (!isPlain(call)) return;
    const FunctionIndex callee = call.targets[0];
    const std::vector<Parameter>& parameters = bodies_[callee].facts->parameters;
    Arguments known;
    for (std::uint32_t p : wanted_[raw(callee)]) {
      if (p >= call.arguments.size()) continue;
      if (const Known one = knownOf(call.arguments[p], parameters[p].type); one.any()) known[p] = one;
    }
    if (known.empty()) return;
    auto& variants = variants_[callee];
    auto found = variants.find(known);
    if (found == variants.end()) {
      if (variants.size() >= kMaxVariants || bodies_.functions.size() >= limit_) return;
      found = variants.emplace(known, copyOf(callee, known)).first;
    }
    bodies_.functions[caller].calls[site].targets = {found->second};
  }

  FunctionIndex copyOf(FunctionIndex callee, const Arguments& known) {
    Body copy = bodies_[callee];
    copy.original = callee;
    for (CallSite& call : copy.calls) {
      for (LinkedValue& argument : call.arguments) {
        const auto index = argument.kind == Value::Kind::Load ? parameter(argument.path) : std::nullopt;
        const auto value = index ? known.find(*index) : known.end();
        if (value != known.end() && value->second.number != Symbol::Empty)
          argument = {Value::Kind::Constant, PathId::Unknown, FunctionIndex::None, value->second.number};
      }
    }
    for (StepBlock& block : copy.blocks) decide(copy, block, known);
    dropUnreached(copy);
    bodies_.functions.push_back(std::move(copy));
    return static_cast<FunctionIndex>(bodies_.functions.size() - 1);
  }

  /// Leaves the way out of `block` that the arguments take.
  void decide(const Body& body, StepBlock& block, const Arguments& known) const {
    if (block.branch == StepBlock::kNoBranch || block.successors.size() < 2) return;
    const LinkedBranch& branch = body.branches[block.branch];
    const auto index = parameter(branch.tested);
    const auto value = index ? known.find(*index) : known.end();
    if (value == known.end()) return;
    const std::string& against = branch.what->against;
    if (value->second.isPointer && !against.empty()) return;
    const bool holds = value->second.isPointer ||
                       (against.empty() ? value->second.number != zero_ : tables_.symbols.text(value->second.number) == against);
    block.successors.erase(block.successors.begin() + (holds != branch.what->negated ? 1 : 0));
    block.branch = StepBlock::kNoBranch;
  }

  static void dropUnreached(Body& body) {
    std::vector<bool> reached(body.blocks.size());
    std::vector<std::uint32_t> work{0};
    for (reached[0] = true; !work.empty();) {
      const std::uint32_t at = work.back();
      work.pop_back();
      for (std::uint32_t next : body.blocks[at].successors) {
        if (!reached[next]) work.push_back(next);
        reached[next] = true;
      }
    }
    std::vector<bool> made(body.calls.size());
    for (std::uint32_t b = 0; b < body.blocks.size(); ++b) {
      StepBlock& block = body.blocks[b];
      block.predecessors.clear();
      if (!reached[b]) block = {};
      for (const Step& step : block.steps)
        if (step.call != Step::kNoCall) made[step.call] = true;
    }
    for (std::uint32_t b = 0; b < body.blocks.size(); ++b)
      for (std::uint32_t next : body.blocks[b].successors) body.blocks[next].predecessors.push_back(b);
    for (std::size_t c = 0; c < body.calls.size(); ++c)
      if (!made[c]) body.calls[c] = {};
  }

  /// Takes the bodies of functions that nobody else can call and that only copies are called of.
  void retire() {
    std::vector<bool> used(count_);
    auto use = [&](FunctionIndex f) {
      if (f != FunctionIndex::None && raw(f) < count_) used[raw(f)] = true;
    };
    for (const Body& body : bodies_.functions) {
      for (const CallSite& call : body.calls) {
        for (FunctionIndex target : call.targets) use(target);
        for (const LinkedValue& argument : call.arguments) use(argument.function);
        if (call.receiver) use(call.receiver->function);
      }
      for (const StepBlock& block : body.blocks)
        for (const Step& step : block.steps) use(step.value.function);
    }
    for (const auto& [f, variants] : variants_) {
      const Function& facts = *bodies_[f].facts;
      if (variants.empty() || used[raw(f)] || facts.addressTaken || facts.linkage != Function::Linkage::Internal) continue;
      Body& body = bodies_[f];
      body.blocks.assign(1, {});
      body.exit = 0;
      body.calls.clear();
    }
  }

  Bodies& bodies_;
  Tables& tables_;
  const Symbol zero_;
  const std::size_t count_;  ///< Functions as written.
  const std::size_t limit_;
  std::vector<std::set<std::uint32_t>> wanted_;  ///< By function: parameters that decide.
  std::map<FunctionIndex, std::map<Arguments, FunctionIndex>> variants_;
};

}  // namespace

void specialiseCalls(Bodies& bodies, Tables& tables) { Specialiser(bodies, tables).run(); }

}  // namespace deadheat
