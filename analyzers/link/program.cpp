#include "analyzers/link/program.h"

#include <algorithm>

#include "analyzers/link/alias.h"
#include "analyzers/link/call_graph.h"
#include "analyzers/link/frame.h"
#include "analyzers/link/program_parts.h"
#include "analyzers/link/scopes.h"
#include "analyzers/link/writes.h"

namespace deadheat {
namespace {

constexpr int kMaxRounds = 3;

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
      if (!last) continue;
      frames[raw(f)] = std::move(frame.facts);
      for (DoubleLock& d : frame.doubleLocks) parts.doubleLocks.push_back(std::move(d));
    }
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
    figures.dropped.accesses += summary.dropped.accesses;
    figures.dropped.acquires += summary.dropped.acquires;
    figures.dropped.threads += summary.dropped.threads;
    figures.dropped.unresolvedCalls += summary.dropped.unresolvedCalls;
  }
}

}  // namespace

Program link(std::vector<TuFacts> units) {
  auto parts = std::make_unique<Program::Parts>();
  std::sort(units.begin(), units.end(), [](const TuFacts& a, const TuFacts& b) { return a.mainFile < b.mainFile; });
  parts->units = std::move(units);
  parts->bodies = mergeUnits(parts->units, parts->tables);
  resolveCalls(parts->bodies, parts->tables);
  const CallOrder order = orderCalls(parts->bodies);
  const Aliases aliases = findAliases(parts->bodies, order, parts->tables);

  const std::size_t count = parts->bodies.functions.size();
  parts->summaries.resize(count);
  const WrittenMemory writes(parts->bodies, parts->tables);
  LinkContext context{
      parts->tables,           parts->bodies, aliases, writes, parts->summaries, std::vector<bool>(count),
      std::vector<bool>(count)};
  std::vector<FrameFacts> frames(count);
  for (std::size_t c = 0; c < order.components.size(); ++c) {
    summarize(order.components[c], order.recursive[c], context, *parts, frames);
  }
  parts->scopes = buildScopes(context, std::move(frames));
  countFigures(*parts);
  return Program(std::move(parts));
}

Program::Program(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

const std::vector<Scope>& Program::scopes() const { return parts_->scopes; }
const std::vector<DoubleLock>& Program::doubleLocks() const { return parts_->doubleLocks; }
const LinkStatistics& Program::statistics() const { return parts_->statistics; }
const Tables& Program::tables() const { return parts_->tables; }
const Bodies& Program::bodies() const { return parts_->bodies; }
const Function& Program::function(FunctionIndex f) const { return *parts_->bodies[f].facts; }
const Summary& Program::summary(FunctionIndex f) const { return parts_->summaries[raw(f)]; }

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
