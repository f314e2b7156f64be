// Regions in a frame: which barriers the team has passed, which tasks are under way, and what of the regions around an
// access matters to it.
//
// All threads of a team meet the same barriers in the same order, so two of its accesses can be made at the same time
// only if the barrier passed last may be the same one: a phase is the set of barriers that may have been passed last.
// A barrier in a callee is another one at each call. A turn of a loop with a barrier inside marks the phases that reach
// it, so that accesses in the same turn are told from those one turn apart.
#include <algorithm>
#include <set>

#include "analyzers/facts/affine.h"
#include "analyzers/link/frame.h"

namespace deadheat {
namespace {

constexpr std::size_t kMaxMark = 200;

bool runsBeside(Region::Kind kind) {
  return kind == Region::Kind::Team || kind == Region::Kind::League || kind == Region::Kind::Task ||
         kind == Region::Kind::Lanes;
}

/// The variables of a number, by what they are called in the frame.
void addVariables(std::string_view number, std::set<std::string>& to) {
  if (const std::optional<Affine> known = Affine::parse(number))
    for (std::string& name : known->variables()) to.insert(std::move(name));
}

}  // namespace

std::uint32_t Frame::taskAround(std::uint32_t region) const {
  const std::vector<Region>& regions = body_.facts->regions;
  while (region != 0 && regions[region - 1].kind != Region::Kind::Task) region = regions[region - 1].parent;
  return region;
}

bool Frame::isInRegion(std::uint32_t region, std::uint32_t outer) const {
  while (region > outer) region = body_.facts->regions[region - 1].parent;
  return region == outer;
}

void Frame::noteTask(PathId task, std::uint32_t level, std::uint32_t region) {
  taskPlaces_.try_emplace(task, TaskPlace{level, region});
}

/// Whether a wait for `dependences` waits for `task`, one of this function.
bool Frame::isNamedBy(PathId task, const std::vector<Dependence>& dependences) const {
  for (ContextId id : body_.contexts) {
    const ContextNode& node = tables_.contexts[id];
    if (id == ContextId::None || node.task != task) continue;
    for (const Dependence& own : node.facts->dependences)
      for (const Dependence& waited : dependences)
        if (own.object == waited.object && (own.kind != Dependence::Kind::In || waited.kind != Dependence::Kind::In))
          return true;
  }
  return false;
}

void Frame::transferSync(FlowState& state, const Step& step, const Sync& sync) {
  std::vector<PathId> tasks(tables_.pathSets[state.tasks].begin(), tables_.pathSets[state.tasks].end());
  const std::uint64_t place = (std::uint64_t{step.location.line} << 20) | step.location.column;
  switch (sync.kind) {
    case Sync::Kind::Barrier:
      state.phases = tables_.pathSets.with(PathSetId::Empty, tables_.mark("$barrier", self_, place));
      state.tasks = PathSetId::Empty;
      return;
    case Sync::Kind::Turn: {
      const std::string turn = "'" + std::to_string(raw(self_)) + "." + std::to_string(sync.region) + ";";
      std::vector<PathId> phases;
      for (PathId phase : tables_.pathSets[state.phases]) {
        const bool known = tables_.symbols.text(tables_.paths[phase].name).find(turn) != std::string_view::npos;
        phases.push_back(known ? phase : tables_.marked(phase, turn));
      }
      state.phases = tables_.pathSets.intern(std::move(phases));
      return;
    }
    case Sync::Kind::TaskBegin: {
      const PathId task = tables_.contexts[body_.contexts[sync.region]].task;
      noteTask(task, taskAround(body_.facts->regions[sync.region - 1].parent), sync.region);
      facts.tasksAtEnd[task] = state.tasks;
      state.tasks = tables_.pathSets.with(state.tasks, task);
      return;
    }
    case Sync::Kind::TaskWait: {
      const std::uint32_t level = taskAround(step.region);
      std::erase_if(tasks, [&](PathId task) {
        if (task == kOutside) return level == 0 && sync.dependences.empty();
        return taskPlaces_.at(task).level == level && (sync.dependences.empty() || isNamedBy(task, sync.dependences));
      });
      break;
    }
    case Sync::Kind::TaskGroupEnd:
      std::erase_if(tasks,
                    [&](PathId task) { return task != kOutside && isInRegion(taskPlaces_.at(task).region, sync.region); });
      break;
  }
  state.tasks = tables_.pathSets.intern(std::move(tasks));
}

/// Phases or tasks of a callee, with those of the caller for what comes from outside.
PathSetId Frame::after(PathSetId outer, PathSetId inner) {
  if (inner == kFromOutside) return outer;
  std::vector<PathId> all;
  for (PathId each : tables_.pathSets[inner]) {
    if (each != kOutside)
      all.push_back(each);
    else
      all.insert(all.end(), tables_.pathSets[outer].begin(), tables_.pathSets[outer].end());
  }
  return tables_.pathSets.intern(std::move(all));
}

/// The barriers of a callee as those of this call.
PathSetId Frame::laterPhases(const Application& app, PathSetId phases) {
  if (phases == kFromOutside || app.wraps.empty()) return phases;
  const Location at = app.wraps.front().location;
  const std::string call =
      "<" + std::to_string(raw(self_)) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  std::vector<PathId> all;
  for (PathId phase : std::vector<PathId>(tables_.pathSets[phases].begin(), tables_.pathSets[phases].end())) {
    const bool stays = phase == kOutside || tables_.symbols.text(tables_.paths[phase].name).starts_with("$outside") ||
                       tables_.symbols.text(tables_.paths[phase].name).size() > kMaxMark;
    all.push_back(stays ? phase : tables_.marked(phase, call));
  }
  return tables_.pathSets.intern(std::move(all));
}

/// A callee's context with this frame's numbers and names.
ContextId Frame::mappedContext(Application& app, ContextId context) {
  if (context == ContextId::None) return context;
  auto [slot, fresh] = app.contexts.try_emplace(raw(context), ContextId::None);
  if (!fresh) return slot->second;
  ContextNode node = tables_.contexts[context];
  node.parent = mappedContext(app, node.parent);
  for (LinkedRange& range : node.ranges) {
    for (auto* bounds : {&range.lower, &range.upper})
      for (Symbol& bound : *bounds) bound = app.names->number(bound);
  }
  node.condition = app.names->number(node.condition);
  for (LinkedDependence& dependence : node.dependences) dependence.object = app.names->path(dependence.object);
  return app.contexts[raw(context)] = tables_.contexts.intern(std::move(node));
}

/// Whether other threads of a team or tasks may be at work at the same time.
bool Frame::isBesideTasks(const AccessFact& fact) const {
  return tables_.contexts.isParallel(fact.context) || (fact.tasks != kFromOutside && fact.tasks != PathSetId::Empty);
}

/// Whether several threads or tasks in `context` reach the one object `root` of this frame.
bool Frame::isReachedFromRegion(PathId root, ContextId context) const {
  if (!tables_.contexts.isParallel(context)) return false;
  auto home = facts.homes.find(root);
  std::set<ContextId> around;
  for (ContextId at = home == facts.homes.end() ? ContextId::None : home->second; at != ContextId::None;
       at = tables_.contexts[at].parent)
    around.insert(at);
  for (; context != ContextId::None; context = tables_.contexts[context].parent)
    if (runsBeside(tables_.contexts[context].facts->kind) && !around.contains(context)) return true;
  return false;
}

void Frame::collectHomes() {
  if (body_.facts->regions.empty()) return;
  for (const Function::Own& own : body_.facts->owned) {
    const Symbol name = tables_.symbols.intern(own.local);
    if (own.region < body_.contexts.size())
      facts.homes[tables_.paths.root(Storage::Local, self_, name, name)] = body_.contexts[own.region];
  }
  for (const StepBlock& block : body_.blocks) {
    for (const Step& step : block.steps) {
      if (step.region == 0) continue;
      if (std::holds_alternative<Allocate>(*step.what)) facts.homes[step.path] = body_.contexts[step.region];
      if (step.call != Step::kNoCall && body_.calls[step.call].result != PathId::Unknown)
        facts.homes[body_.calls[step.call].result] = body_.contexts[step.region];
    }
  }
}

/// `context` without the loops and conditions that say nothing about which element of `path` is reached, or by whom.
ContextId Frame::relevant(ContextId context, PathId path) {
  auto [slot, fresh] = relevant_.try_emplace({context, path}, ContextId::None);
  if (!fresh) return slot->second;
  std::set<std::string> needed{"$tid", "$threads"};
  for (PathId at : tables_.paths.prefixes(path))
    if (tables_.paths[at].kind == PathNode::Kind::Element)
      addVariables(tables_.symbols.text(tables_.paths[at].name), needed);
  const std::vector<ContextId> chain = tables_.contexts.chain(context);
  for (ContextId id : chain) {
    const ContextNode& node = tables_.contexts[id];
    if (node.facts->kind != Region::Kind::Share && node.facts->kind != Region::Kind::Lanes) continue;
    for (const LinkedRange& range : node.ranges) needed.emplace(tables_.symbols.text(range.variable));
  }
  std::vector<ContextId> kept;
  bool atEnd = true;  // Below the innermost region that says who runs it: the others stay, for others to compare with.
  for (auto id = chain.rbegin(); id != chain.rend(); ++id) {
    const ContextNode& node = tables_.contexts[*id];
    const Region::Kind kind = node.facts->kind;
    atEnd = atEnd && (kind == Region::Kind::Loop || kind == Region::Kind::Guard);
    std::set<std::string> own;
    for (const LinkedRange& range : node.ranges) own.emplace(tables_.symbols.text(range.variable));
    addVariables(tables_.symbols.text(node.condition), own);
    const bool matters = std::any_of(own.begin(), own.end(), [&](const std::string& name) {
      return needed.contains(name) || (kind == Region::Kind::Guard && name.find('%') != std::string::npos);
    });
    if (atEnd && !matters && !node.facts->keepsStep) continue;
    kept.push_back(*id);
    needed.insert(own.begin(), own.end());
    for (const LinkedRange& range : node.ranges) {
      for (const auto* bounds : {&range.lower, &range.upper})
        for (Symbol bound : *bounds) addVariables(tables_.symbols.text(bound), needed);
    }
  }
  ContextId out = ContextId::None;
  for (auto id = kept.rbegin(); id != kept.rend(); ++id) {
    ContextNode node = tables_.contexts[*id];
    node.parent = out;
    out = tables_.contexts.intern(std::move(node));
  }
  return relevant_[{context, path}] = out;
}

}  // namespace deadheat
