#include <algorithm>
#include <map>

#include "analyzers/facts/affine.h"
#include "analyzers/link/body.h"
#include "analyzers/link/unit_survey.h"

namespace deadheat {
namespace {

/// Numbers files over all units; 0 stays "no file".
class FileNumbers {
 public:
  explicit FileNumbers(std::vector<std::string>& files) : files_(files) { number({}); }

  std::uint32_t number(const std::string& file) {
    auto [slot, fresh] = numbers_.try_emplace(file, static_cast<std::uint32_t>(files_.size()));
    if (fresh) files_.push_back(file);
    return slot->second;
  }

 private:
  std::vector<std::string>& files_;
  std::map<std::string, std::uint32_t> numbers_;
};

/// Lowers the functions of one unit.
class Lowering {
 public:
  Lowering(const TuFacts& unit, FileNumbers& numbers, Bodies& bodies, Tables& tables)
      : bodies_(bodies), tables_(tables) {
    for (const std::string& file : unit.files) files_.push_back(numbers.number(file));
  }

  /// Takes the blocks of `facts`, the function of `body`.
  void lower(Body& body, Function& facts, FunctionIndex self) {
    body_ = &body;
    self_ = self;
    body.location = place(body.facts->location);
    body.exit = body.facts->exit;
    lowerRegions(body);
    body.blocks.resize(body.facts->blocks.size());
    for (std::size_t i = 0; i < body.blocks.size(); ++i) {
      BasicBlock& from = facts.blocks[i];
      body.blocks[i].unwinds = from.unwinds;
      for (std::uint32_t next : from.successors) {
        if (next >= body.blocks.size()) continue;
        body.blocks[i].successors.push_back(next);
        body.blocks[next].predecessors.push_back(static_cast<std::uint32_t>(i));
      }
      if (from.branch) body.blocks[i].branch = addBranch(*from.branch);
      body.blocks[i].steps.reserve(from.events.size());
      for (Event& event : from.events) body.blocks[i].steps.push_back(lowered(event));
    }
    facts.blocks = {};
    body.calls.shrink_to_fit();
    body.sources.shrink_to_fit();
    body.branches.shrink_to_fit();
  }

  Location place(Location location) const {
    location.file = location.file < files_.size() ? files_[location.file] : 0;
    return location;
  }

 private:
  PathId path(const Path& p) {
    const bool hasNumbers = std::any_of(p.steps.begin(), p.steps.end(), [&](const PathStep& step) {
      return step.kind == PathStep::Kind::Element && isOfFrame(step.name);
    });
    if (!hasNumbers) return tables_.paths.intern(p, self_);
    Path own = p;
    for (PathStep& step : own.steps)
      if (step.kind == PathStep::Kind::Element) step.name = numberText(step.name);
    return tables_.paths.intern(own, self_);
  }

  /// Whether the variables of a number mean something in this function only.
  bool isOfFrame(std::string_view text) const {
    if (text.empty() || (text.find_first_of("%?{") == std::string_view::npos && body_->facts->regions.empty()))
      return false;
    return text.find_first_not_of("0123456789-") != std::string_view::npos;
  }
  /// A number with the function's own variables marked as such.
  std::string numberText(const std::string& text) const {
    if (!isOfFrame(text)) return text;
    const std::optional<Affine> number = Affine::parse(text);
    const std::optional<Affine> own = !number ? number : number->replaced([&](std::string_view name) {
      const bool isCommon = name.front() == '$' || name.front() == ':';
      return Affine::variable(isCommon ? std::string(name) : std::string(name) + "@" + std::to_string(raw(self_)));
    });
    return own ? own->text() : std::string();
  }
  Symbol number(const std::string& text) { return tables_.symbols.intern(numberText(text)); }

  std::vector<Symbol> numbers(const std::vector<std::string>& texts) {
    std::vector<Symbol> out;
    for (const std::string& text : texts) out.push_back(number(text));
    return out;
  }

  LinkedValue value(const Value& v) {
    return {v.kind, path(v.path), v.function.empty() ? FunctionIndex::None : bodies_.find(v.function),
            v.number.empty() ? Symbol::Empty : number(v.number)};
  }

  void lowerRegions(Body& body) {
    body.contexts.assign(1, ContextId::None);
    for (const Region& region : body.facts->regions) {
      ContextNode node;
      node.number = static_cast<std::uint32_t>(body.contexts.size());
      node.parent = region.parent < node.number ? body.contexts[region.parent] : ContextId::None;
      node.facts = &region;
      node.function = self_;
      node.file = place(region.location).file;
      for (const Range& range : region.ranges)
        node.ranges.push_back({number(range.variable), numbers(range.lower), numbers(range.upper), range.step});
      node.condition = number(region.condition);
      if (region.kind == Region::Kind::Task) node.task = tables_.mark("$task", self_, node.number);
      for (const Dependence& dependence : region.dependences)
        node.dependences.push_back({dependence.kind, path(dependence.object)});
      body.contexts.push_back(tables_.contexts.intern(std::move(node)));
    }
  }

  std::uint32_t addCall(const Callee& callee, const std::optional<Value>& receiver, const std::vector<Value>& arguments,
                        const Path& result, bool spawn) {
    CallSite site;
    site.kind = callee.kind;
    site.function = callee.function.empty() ? FunctionIndex::None : bodies_.find(callee.function);
    site.target = value(callee.target);
    if (receiver) site.receiver = value(*receiver);
    for (const Value& argument : arguments) site.arguments.push_back(value(argument));
    site.result = path(result);
    site.spawn = spawn;
    body_->calls.push_back(std::move(site));
    return static_cast<std::uint32_t>(body_->calls.size() - 1);
  }

  std::vector<PathId> list(const std::vector<Path>& all) {
    std::vector<PathId> ids;
    for (const Path& p : all) ids.push_back(path(p));
    return ids;
  }

  std::uint32_t addSources(const std::vector<Path>& from) {
    if (from.empty()) return Step::kNoCall;
    body_->sources.push_back(list(from));
    return static_cast<std::uint32_t>(body_->sources.size() - 1);
  }

  std::uint32_t addBranch(Branch& branch) {
    LinkedBranch linked{nullptr, path(branch.tested), list(branch.depends), path(branch.outcome)};
    linked.what = bodies_.events.keep(std::move(branch));
    body_->branches.push_back(std::move(linked));
    return static_cast<std::uint32_t>(body_->branches.size() - 1);
  }

  Step lowered(Event& event) {
    step_ = {};
    step_.location = place(event.location);
    step_.region = event.region < body_->contexts.size() ? event.region : 0;
    std::visit([this](const auto& e) { fill(e); }, event.what);
    step_.what = bodies_.events.keep(std::move(event.what));
    return step_;
  }

  void fill(const Access& e) { step_.path = path(e.path); }
  void fill(const Acquire& e) { step_.path = path(e.lock); }
  void fill(const Release& e) { step_.path = path(e.lock); }
  void fill(const Call& e) { step_.call = addCall(e.callee, e.receiver, e.arguments, e.result, false); }
  void fill(const Spawn& e) { step_.call = addCall(e.entry, e.receiver, e.arguments, e.handle, true); }
  void fill(const Join& e) { step_.path = path(e.handle); }
  void fill(const Detach& e) { step_.path = path(e.handle); }
  void fill(const Abandon& e) { step_.path = path(e.handle); }
  void fill(const ResultUse& e) { step_.path = path(e.object); }
  void fill(const Awaited& e) { step_.path = path(e.state); }
  void fill(const LibraryCall&) {}
  void fill(const Wait& e) {
    step_.path = path(e.condition);
    step_.second = path(e.lock);
  }
  void fill(const Notify& e) { step_.path = path(e.condition); }
  void fill(const Block& e) { step_.path = path(e.object); }
  void fill(const Suspend& e) { step_.path = path(e.awaited); }
  void fill(const Resume& e) { step_.path = path(e.handle); }
  void fill(const Assign& e) {
    step_.path = path(e.target);
    step_.value = value(e.value);
  }
  void fill(const Allocate& e) { step_.path = path(e.object); }
  void fill(const Free& e) { step_.path = path(e.object); }
  void fill(const Escape& e) { step_.value = value(e.value); }
  void fill(const Compute& e) {
    step_.path = path(e.target);
    step_.sources = addSources(e.from);
  }
  void fill(const Return& e) {
    step_.value = value(e.value);
    step_.second = path(e.outcome);
    step_.sources = addSources(e.from);
  }
  void fill(const Sync&) {}
  void fill(const Lifetime& e) { step_.path = path(e.object); }
  void fill(const Throw&) {}
  void fill(const Flag& e) { step_.path = path(e.target); }
  void fill(const GuardStart& e) {
    step_.path = path(e.guard);
    step_.second = path(e.lock);
  }

  Bodies& bodies_;
  Tables& tables_;
  std::vector<std::uint32_t> files_;
  Body* body_ = nullptr;
  FunctionIndex self_ = FunctionIndex::None;
  Step step_;
};

/// Takes classes and globals from the survey, and the ids of all functions.
Bodies startBodies(UnitSurvey& survey) {
  Bodies bodies;
  bodies.allRecords = std::move(survey.records).take();
  for (const Record& r : bodies.allRecords) {
    bodies.records.emplace(r.name, &r);
    const bool hasBits = std::any_of(r.fields.begin(), r.fields.end(), [](const auto& field) { return field.bits != 0; });
    if (r.isUnion || hasBits) bodies.overlaid.insert(r.name);
  }
  bodies.allGlobals = std::move(survey.globals).take();
  for (const GlobalVariable& g : bodies.allGlobals) bodies.globals.emplace(g.name, &g);
  bodies.functions.resize(survey.functions());
  bodies.heads.resize(survey.functions());
  for (std::uint32_t i = 0; i < survey.functions(); ++i)
    bodies.byId.try_emplace(survey.id(static_cast<FunctionIndex>(i)), static_cast<FunctionIndex>(i));
  return bodies;
}

/// Lowers the functions that `unit` stands for.
void mergeUnit(TuFacts& facts, std::uint32_t unit, const UnitSurvey& survey, FileNumbers& numbers, Bodies& bodies,
               Tables& tables) {
  Lowering lowering(facts, numbers, bodies, tables);
  for (Function& function : facts.functions) {
    const FunctionIndex number = survey.chosen(function, unit);
    if (number == FunctionIndex::None || bodies[number].facts) continue;
    Function& head = bodies.heads[raw(number)];
    head = std::move(function);
    bodies[number].facts = &head;
    lowering.lower(bodies[number], head, number);
  }
}

/// A unit that could be read once and not again leaves functions without a body.
void declareMissing(const UnitSurvey& survey, Bodies& bodies) {
  for (std::uint32_t i = 0; i < bodies.functions.size(); ++i) {
    Body& body = bodies.functions[i];
    if (body.facts) continue;
    bodies.heads[i].id = bodies.heads[i].name = survey.id(static_cast<FunctionIndex>(i));
    bodies.heads[i].isDeclaration = true;
    body.facts = &bodies.heads[i];
    body.blocks.resize(1);
  }
}

}  // namespace

Bodies mergeUnits(Units& units, Tables& tables) {
  UnitSurvey survey;
  for (std::uint32_t u = 0; u < units.count(); ++u)
    if (std::optional<TuFacts> facts = units.read(u)) survey.add(u, std::move(*facts));
  survey.finish();
  survey.spinLocks.decide();
  survey.wrappedLocks.unify(tables.symbols, tables.paths);
  Bodies bodies = startBodies(survey);
  FileNumbers numbers(bodies.files);
  for (std::uint32_t u : survey.order()) {
    std::optional<TuFacts> facts = units.read(u);
    if (!facts) continue;
    survey.threadEntries.addTo(*facts, u, survey.order().front());
    survey.spinLocks.addTo(*facts);
    survey.taskCalls.startTasks(*facts);
    mergeUnit(*facts, u, survey, numbers, bodies, tables);
  }
  declareMissing(survey, bodies);
  return bodies;
}

}  // namespace deadheat
