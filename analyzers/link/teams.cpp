#include "analyzers/link/teams.h"

#include <algorithm>

namespace deadheat {
namespace {

/// The functions that some team runs, as far as calls show.
std::vector<bool> runByTeams(const LinkContext& context) {
  std::vector<bool> inTeam(context.bodies.functions.size(), false);
  std::vector<FunctionIndex> work;
  auto reach = [&](const Body& body, bool all) {
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        if (step.call == Step::kNoCall) continue;
        if (!all && !context.tables.contexts.isParallel(body.contexts[step.region])) continue;
        for (FunctionIndex target : body.calls[step.call].targets) {
          if (inTeam[raw(target)]) continue;
          inTeam[raw(target)] = true;
          work.push_back(target);
        }
      }
    }
  };
  for (const Body& body : context.bodies.functions)
    if (!body.facts->regions.empty()) reach(body, false);
  while (!work.empty()) {
    const FunctionIndex next = work.back();
    work.pop_back();
    reach(context.bodies[next], true);
  }
  return inTeam;
}

}  // namespace

std::vector<Team> findTeams(const LinkContext& context, const std::vector<FrameFacts>& frames) {
  std::vector<Team> teams;
  std::vector<bool> inTeam;
  for (std::uint32_t i = 0; i < frames.size(); ++i) {
    const FrameFacts& facts = frames[i];
    if (!facts.shares) continue;
    if (inTeam.empty()) inTeam = runByTeams(context);
    const Function& function = *context.bodies.functions[i].facts;
    const bool isMain = function.kind == Function::Kind::Free && function.name == "main";
    Team team;
    team.frame = static_cast<FunctionIndex>(i);
    team.called = inTeam[i];
    team.assumed = inTeam[i] || (!context.calls.isCalled(team.frame) && !isMain);
    team.scope.frame = team.frame;
    team.scope.isMain = isMain;
    team.scope.whole = isMain || !context.calls.isCalled(team.frame);
    team.scope.perTurn = facts.perTurn;
    team.scope.actors.push_back({Actor::Kind::Frame, team.frame, true, kSelf, FunctionIndex::None, {}});
    for (const AcquireFact& acquire : facts.acquires)
      if (context.tables.contexts.isParallel(acquire.context)) team.acquires.push_back(acquire);
    team.tasksAtEnd = facts.tasksAtEnd;
    team.homes = facts.homes;
    for (const AccessFact& access : facts.accesses) {
      const bool besideTasks = access.tasks != kFromOutside && access.tasks != PathSetId::Empty;
      if (access.thread == kSelf && (besideTasks || context.tables.contexts.isParallel(access.context)))
        team.scope.accesses.push_back({access, 0});
    }
    teams.push_back(std::move(team));
  }
  return teams;
}

}  // namespace deadheat
