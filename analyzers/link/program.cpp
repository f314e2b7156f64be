#include "analyzers/link/program.h"

#include <algorithm>
#include <iterator>

#include "analyzers/link/alias.h"
#include "analyzers/link/call_graph.h"
#include "analyzers/link/frame.h"
#include "analyzers/link/program_parts.h"
#include "analyzers/link/scopes.h"
#include "analyzers/link/specialise.h"
#include "analyzers/link/teams.h"
#include "analyzers/link/writes.h"

namespace deadheat {
namespace {

constexpr int kMaxRounds = 3;

/// Frees what was set aside for more facts.
void giveBackRoom(Summary& summary) {
  summary.accesses.shrink_to_fit();
  summary.acquires.shrink_to_fit();
  summary.operations.shrink_to_fit();
  summary.pendings.shrink_to_fit();
  summary.commonCalls.shrink_to_fit();
}

/// Summarises one component of the call graph; inside a recursive one until nothing new comes up, or the cap.
void summarize(const std::vector<FunctionIndex>& component, bool recursive, LinkContext& context, Program::Parts& parts,
               std::vector<FrameFacts>& frames) {
  const int rounds = recursive ? kMaxRounds : 1;
  for (int round = 0; round < rounds; ++round) {
    const bool last = round + 1 == rounds;
    for (FunctionIndex f : component) {
      Frame frame(context, f, recursive);
      frame.analyse();
      context.summaries[raw(f)] = std::move(frame.summary);
      giveBackRoom(context.summaries[raw(f)]);
      if (!last) continue;
      frames[raw(f)] = std::move(frame.facts);
      for (DoubleLock& d : frame.doubleLocks) parts.doubleLocks.push_back(std::move(d));
      for (LockIncident& i : frame.lockIncidents) parts.lockIncidents.push_back(i);
      for (BrokenFact& b : frame.brokenPromises) parts.brokenPromises.push_back(std::move(b));
    }
  }
  if (!recursive) return;
  CommonDigest all;  // Each is below every other, however long the way round.
  for (FunctionIndex f : component) all.add(context.summaries[raw(f)].common);
  for (FunctionIndex f : component) context.summaries[raw(f)].common.add(all);
}

std::vector<std::uint32_t> componentsOf(const CallOrder& order, std::size_t count) {
  std::vector<std::uint32_t> out(count);
  for (std::size_t c = 0; c < order.components.size(); ++c)
    for (FunctionIndex f : order.components[c]) out[raw(f)] = static_cast<std::uint32_t>(c);
  return out;
}

/// Promises that only callers could have kept, in functions that nobody calls.
void checkPromisesOfRoots(LinkContext& context, Program::Parts& parts) {
  auto concerns = [&](const Summary& summary, const std::vector<AccessFact>& accesses) {
    const PathTable& paths = parts.tables.paths;
    for (const AccessFact& access : accesses)
      for (PathId at = access.path; at != PathId::Unknown; at = paths[at].parent)
        if (!parts.promises->guards(paths, at).empty()) return true;
    return std::any_of(summary.operations.begin(), summary.operations.end(), [](const OperationFact& operation) {
      return operation.kind == OperationFact::Kind::Require;
    });
  };
  for (std::uint32_t i = 0; i < parts.summaries.size(); ++i) {
    const auto f = static_cast<FunctionIndex>(i);
    const Summary& summary = parts.summaries[i];
    const Function& facts = *parts.bodies[f].facts;
    if (context.calls.isCalled(f) || facts.isDeclaration || facts.kind == Function::Kind::GlobalInit) continue;
    if (!concerns(summary, summary.accesses)) continue;
    Frame frame(context, f, false);
    frame.checkPromises(summary.accesses, summary);
    for (BrokenFact& broken : frame.brokenPromises) parts.brokenPromises.push_back(std::move(broken));
  }
}

void countFigures(Program::Parts& parts) {
  LinkStatistics& figures = parts.statistics;
  figures.functions = parts.bodies.functions.size();
  for (const Body& body : parts.bodies.functions) {
    figures.calls += body.calls.size();
    for (const CallSite& call : body.calls) figures.threads += call.spawn ? 1 : 0;
  }
  for (const Summary& summary : parts.summaries) {
    figures.dropped.add(summary.dropped);
  }
}

bool isConcurrent(const EventKind& what) {
  if (const auto* access = std::get_if<Access>(&what)) return access->atomicity != Atomicity::Plain;
  return std::holds_alternative<Acquire>(what) || std::holds_alternative<Release>(what) ||
         std::holds_alternative<Spawn>(what) || std::holds_alternative<Join>(what) ||
         std::holds_alternative<Detach>(what) || std::holds_alternative<Abandon>(what) || std::holds_alternative<Wait>(what) ||
         std::holds_alternative<Notify>(what) || std::holds_alternative<Block>(what) ||
         std::holds_alternative<Suspend>(what) || std::holds_alternative<Resume>(what) ||
         std::holds_alternative<ResultUse>(what);
}

bool changesLocks(const Summary& s) {
  return s.heldAtExit != LocksetId::Empty || s.releasedAtExit != PathSetId::Empty || !s.threads.empty() ||
         s.hasAcquires() || s.joins != PathSetId::Empty;
}

/// Something in the function, or in what it calls, has to do with threads or locks.
bool isConcurrent(const Program::Parts& parts, FunctionIndex f) {
  const Body& body = parts.bodies[f];
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps)
      if (isConcurrent(*step.what)) return true;
  }
  for (const CallSite& call : body.calls) {
    for (FunctionIndex target : call.targets)
      if (changesLocks(parts.summaries[raw(target)])) return true;
  }
  return false;
}

}  // namespace

Program link(std::vector<TuFacts> units) {
  UnitsInMemory source(std::move(units));
  return link(source);
}

Program link(Units& units) {
  auto parts = std::make_unique<Program::Parts>();
  parts->bodies = mergeUnits(units, parts->tables);
  resolveCalls(parts->bodies, parts->tables);
  specialiseCalls(parts->bodies, parts->tables);
  const CallOrder order = orderCalls(parts->bodies);
  parts->aliases = findAliases(parts->bodies, order, parts->tables);

  const std::size_t count = parts->bodies.functions.size();
  parts->summaries.resize(count);
  parts->writes.emplace(parts->bodies, parts->tables);
  parts->promises.emplace(parts->bodies, parts->tables);
  parts->common.emplace(parts->tables);
  parts->context.emplace(LinkContext{parts->tables, parts->bodies, parts->aliases, *parts->writes, *parts->promises,
                                     *parts->common, parts->summaries, BareCalls(count),
                                     componentsOf(order, count)});
  LinkContext& context = *parts->context;
  context.limits = SummaryLimits::of(count);
  std::vector<FrameFacts> frames(count);
  for (std::size_t c = 0; c < order.components.size(); ++c) {
    summarize(order.components[c], order.recursive[c], context, *parts, frames);
  }
  context.calls.settle(parts->bodies);
  parts->teams = findTeams(context, frames);
  checkPromisesOfRoots(context, *parts);
  parts->scopes = buildScopes(context, std::move(frames));
  countFigures(*parts);
  return Program(std::move(parts));
}

Program::Program(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

const std::vector<Scope>& Program::scopes() const { return parts_->scopes; }
const std::vector<Team>& Program::teams() const { return parts_->teams; }
const std::vector<DoubleLock>& Program::doubleLocks() const { return parts_->doubleLocks; }
const std::vector<LockIncident>& Program::lockIncidents() const { return parts_->lockIncidents; }
const std::vector<BrokenFact>& Program::brokenPromises() const { return parts_->brokenPromises; }
const LinkStatistics& Program::statistics() const { return parts_->statistics; }
const Tables& Program::tables() const { return parts_->tables; }
const Bodies& Program::bodies() const { return parts_->bodies; }
const Function& Program::function(FunctionIndex f) const { return *parts_->bodies[f].facts; }
const Summary& Program::summary(FunctionIndex f) const { return parts_->summaries[raw(f)]; }

bool Program::isCalled(FunctionIndex f) const { return parts_->context->calls.isCalled(f); }

FunctionView Program::view(FunctionIndex f) const { return Frame(*parts_->context, f, false).view(); }

std::vector<AccessFact> Program::accesses(FunctionIndex f) const {
  std::vector<AccessFact> all = summary(f).accesses;
  below(f).accesses([&](const AccessFact& fact, std::uint32_t) { all.push_back(fact); });
  return all;
}

std::vector<AccessFact> Program::guardedAccesses(FunctionIndex f) const {
  auto isGuarded = [](const AccessFact& fact) { return fact.held != LocksetId::Empty; };
  const std::vector<AccessFact>& own = summary(f).accesses;
  std::vector<AccessFact> all;
  std::copy_if(own.begin(), own.end(), std::back_inserter(all), isGuarded);
  if (!summary(f).common.guarded) return all;
  CommonLimits near;
  near.visits = 200;
  CommonWalk(parts_->summaries, *parts_->common, parts_->tables, std::span(&f, 1), near)
      .accesses([&](const AccessFact& fact, std::uint32_t) { all.push_back(fact); }, isGuarded);
  return all;
}

template <typename Fact>
bool Program::any(FunctionIndex f, const std::vector<Fact> Summary::* facts,
                  llvm::function_ref<bool(const CommonDigest&)> mayHave,
                  llvm::function_ref<bool(const Fact&)> wanted) const {
  std::vector<FunctionIndex> work{f};
  llvm::DenseSet<std::uint32_t> seen{raw(f)};
  for (std::size_t at = 0; at < work.size() && at < CommonLimits().visits; ++at) {
    const Summary& here = summary(work[at]);
    for (const Fact& fact : here.*facts)
      if ((at == 0 || fact.common) && wanted(fact)) return true;
    for (const CommonCall& call : here.commonCalls)
      if (mayHave(summary(call.callee).common) && seen.insert(raw(call.callee)).second) work.push_back(call.callee);
  }
  return false;
}

bool Program::anyOperation(FunctionIndex f, OperationKinds kinds,
                           llvm::function_ref<bool(const OperationFact&)> wanted) const {
  return any<OperationFact>(
      f, &Summary::operations, [&](const CommonDigest& below) { return below.operations.meets(kinds); },
      [&](const OperationFact& fact) { return kinds.meets({fact.kind}) && wanted(fact); });
}

bool Program::anyAcquire(FunctionIndex f, llvm::function_ref<bool(const AcquireFact&)> wanted) const {
  return any<AcquireFact>(
      f, &Summary::acquires, [](const CommonDigest& below) { return below.acquires; }, wanted);
}

std::vector<OperationFact> Program::operations(FunctionIndex f) const {
  std::vector<OperationFact> all = summary(f).operations;
  below(f).operations([&](const OperationFact& fact, std::uint32_t) { all.push_back(fact); });
  return all;
}

CommonWalk Program::below(FunctionIndex f) const {
  return CommonWalk(parts_->summaries, *parts_->common, parts_->tables, f);
}

void Program::forEachConcurrentFunction(llvm::function_ref<void(const FunctionView&)> visit) const {
  for (std::uint32_t i = 0; i < parts_->bodies.functions.size(); ++i) {
    const auto f = static_cast<FunctionIndex>(i);
    if (isConcurrent(*parts_, f)) visit(view(f));
  }
}

const Record* Program::record(std::string_view name) const {
  auto found = parts_->bodies.records.find(name);
  return found == parts_->bodies.records.end() ? nullptr : found->second;
}

const Record::Field* Program::field(PathId path) const {
  const PathTable& paths = parts_->tables.paths;
  while (path != PathId::Unknown && paths[path].kind != PathNode::Kind::Field) {
    if (paths[path].kind == PathNode::Kind::Root) return nullptr;
    path = paths[path].parent;
  }
  if (path == PathId::Unknown) return nullptr;
  const Record* owner = record(parts_->tables.symbols.text(paths[path].record));
  if (!owner) return nullptr;
  std::string_view name = parts_->tables.symbols.text(paths[path].name);
  for (const Record::Field& f : owner->fields) {
    if (f.name == name) return &f;
  }
  return nullptr;
}

const GlobalVariable* Program::global(PathId path) const {
  const PathTable& paths = parts_->tables.paths;
  if (paths.storage(path) != Storage::Global) return nullptr;
  auto found = parts_->bodies.globals.find(parts_->tables.symbols.text(paths[paths[path].root].name));
  return found == parts_->bodies.globals.end() ? nullptr : found->second;
}

SourcePoint Program::point(Location location) const {
  const auto& files = parts_->bodies.files;
  return {location.file < files.size() ? files[location.file] : std::string(), location.line, location.column};
}

std::string Program::functionName(FunctionIndex f) const {
  return f == FunctionIndex::None ? std::string("unknown function") : function(f).name;
}

std::string Program::shortText(PathId path) const {
  const Path whole = parts_->tables.paths.expand(path);
  const bool unnamedClass = std::any_of(whole.steps.begin(), whole.steps.end(), [](const PathStep& s) {
    return s.kind == PathStep::Kind::Field && (s.record.empty() || s.record.find("(unnamed") != std::string::npos ||
                                               s.record.find("(anonymous struct") != std::string::npos);
  });
  return unnamedClass ? whole.text() : whole.shortText();
}
std::string Program::text(PathId path) const { return parts_->tables.paths.expand(path).text(); }

}  // namespace deadheat
