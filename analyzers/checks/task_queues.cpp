#include "analyzers/checks/task_queues.h"

#include <algorithm>
#include <map>

namespace deadheat {
namespace {

constexpr int kMaxHops = 2;  ///< Calls from where a thread starts to where it takes tasks.

/// The members whose elements `callable` of `f` is, or is set to.
std::set<FieldName> queuesOf(const Program& program, FunctionIndex f, PathId callable) {
  const PathTable& paths = program.tables().paths;
  std::set<FieldName> members;
  auto add = [&](PathId from) {
    if (from != PathId::Unknown && paths.passes(from, PathNode::Kind::Element)) members.insert(paths.lastField(from));
  };
  if (callable == PathId::Unknown) return members;
  add(callable);
  for (const StepBlock& block : program.bodies()[f].blocks)
    for (const Step& step : block.steps)
      if (std::holds_alternative<Assign>(*step.what) && step.path == callable) add(step.value.path);
  members.erase(FieldName{});
  return members;
}

class Search {
 public:
  explicit Search(const Program& program) : program_(program), paths_(program.tables().paths) {}

  std::vector<TaskQueue> run() {
    for (const Body& body : program_.bodies().functions)
      for (const CallSite& call : body.calls)
        if (call.spawn && !call.guessed)
          for (FunctionIndex entry : call.targets) lookFrom(entry, entry, 0);
    for (const Scope& scope : program_.scopes())
      for (std::uint32_t a = 0; a < scope.actors.size(); ++a)
        if (scope.actors[a].kind == Actor::Kind::Thread) noteMany(scope, a);
    std::vector<TaskQueue> queues;
    for (auto& [member, queue] : queues_) {
      findPosters(queue);
      findTasks(queue);
      if (!queue.tasks.empty()) queues.push_back(std::move(queue));
    }
    return queues;
  }

 private:
  const Body& body(FunctionIndex f) const { return program_.bodies()[f]; }

  void lookFrom(FunctionIndex entry, FunctionIndex f, int hops) {
    for (const StepBlock& block : body(f).blocks) {
      for (const Step& step : block.steps) {
        if (step.call == Step::kNoCall) continue;
        const CallSite& call = body(f).calls[step.call];
        if (call.spawn) continue;
        if (call.kind == Callee::Kind::Indirect) {
          addQueue(entry, f, call.target.path);
        } else if (hops < kMaxHops && call.kind == Callee::Kind::Direct) {
          for (FunctionIndex target : call.targets) lookFrom(entry, target, hops + 1);
        }
      }
    }
  }

  void addQueue(FunctionIndex entry, FunctionIndex f, PathId callable) {
    for (const FieldName& member : queuesOf(program_, f, callable)) {
      TaskQueue& queue = queues_[member];
      queue.member = member;
      queue.entry = entry;
      queue.runner = f;
    }
  }

  void noteMany(const Scope& scope, std::uint32_t actor) {
    for (auto& [member, queue] : queues_)
      if (queue.entry == scope.actors[actor].entry) queue.many |= scope.isMany(actor);
  }

  bool putsIn(const Body& body, FieldName member) const {
    return std::ranges::any_of(body.blocks, [&](const StepBlock& block) {
      return std::ranges::any_of(block.steps, [&](const Step& step) {
        return std::holds_alternative<Assign>(*step.what) && step.path != PathId::Unknown &&
               paths_.lastField(step.path) == member && paths_.passes(step.path, PathNode::Kind::Element);
      });
    });
  }
  bool isOnThis(const CallSite& call) const {
    return call.receiver && call.receiver->path != PathId::Unknown && paths_.isRoot(call.receiver->path) &&
           paths_.storage(call.receiver->path) == Storage::This;
  }

  void findPosters(TaskQueue& queue) const {
    const auto& all = program_.bodies().functions;
    for (std::size_t f = 0; f < all.size(); ++f)
      if (putsIn(all[f], queue.member)) queue.posters.insert(static_cast<FunctionIndex>(f));
    for (bool more = true; more;) {
      more = false;
      for (std::size_t f = 0; f < all.size(); ++f) {
        const auto self = static_cast<FunctionIndex>(f);
        if (program_.function(self).record.empty() || queue.posters.contains(self)) continue;
        const bool forwards = std::ranges::any_of(all[f].calls, [&](const CallSite& call) {
          return !call.spawn && isOnThis(call) && reaches(call, queue.posters);
        });
        if (forwards && program_.function(self).kind == Function::Kind::Method)
          more |= queue.posters.insert(self).second;
      }
    }
    queue.runsAtOnce = std::ranges::any_of(queue.posters, [&](FunctionIndex f) { return callsGiven(f); });
  }

  bool callsGiven(FunctionIndex f) const {
    return std::ranges::any_of(body(f).calls, [&](const CallSite& call) {
      return !call.spawn && call.kind == Callee::Kind::Indirect && call.target.path != PathId::Unknown &&
             paths_.storage(call.target.path) == Storage::Parameter;
    });
  }

  static bool reaches(const CallSite& call, const std::set<FunctionIndex>& functions) {
    return std::ranges::any_of(call.targets, [&](FunctionIndex target) { return functions.contains(target); });
  }

  void findTasks(TaskQueue& queue) const {
    const auto& all = program_.bodies().functions;
    for (std::size_t f = 0; f < all.size(); ++f) {
      const auto self = static_cast<FunctionIndex>(f);
      if (queue.posters.contains(self)) continue;
      for (const StepBlock& block : all[f].blocks) {
        for (const Step& step : block.steps) {
          if (step.call == Step::kNoCall) continue;
          const CallSite& call = all[f].calls[step.call];
          if (call.spawn || call.guessed || !reaches(call, queue.posters)) continue;
          for (const LinkedValue& argument : call.arguments)
            if (argument.function != FunctionIndex::None)
              queue.tasks.push_back({argument.function, self, step.location, receiverName(program_, call)});
        }
      }
    }
  }

  const Program& program_;
  const PathTable& paths_;
  std::map<FieldName, TaskQueue> queues_;
};

}  // namespace

std::vector<TaskQueue> taskQueues(const Program& program) { return Search(program).run(); }

bool runsQueued(const Program& program, FunctionIndex f, Location location) {
  const Body& body = program.bodies()[f];
  return std::ranges::any_of(body.blocks, [&](const StepBlock& block) {
    return std::ranges::any_of(block.steps, [&](const Step& step) {
      if (step.call == Step::kNoCall || step.location != location) return false;
      const CallSite& call = body.calls[step.call];
      return !call.spawn && call.kind == Callee::Kind::Indirect && !queuesOf(program, f, call.target.path).empty();
    });
  });
}

std::string receiverName(const Program& program, const CallSite& call) {
  if (!call.receiver || call.receiver->path == PathId::Unknown) return {};
  const PathTable& paths = program.tables().paths;
  PathId at = call.receiver->path;
  while (!paths.isRoot(at) && paths[at].kind != PathNode::Kind::Field) at = paths[at].parent;
  const Symbols& symbols = program.tables().symbols;
  if (!paths.isRoot(at)) {
    const std::string record(symbols.text(paths[at].record)), name(symbols.text(paths[at].name));
    return record.empty() ? name : record + "::" + name;  // Captured variables have no class.
  }
  const Storage storage = paths.storage(at);
  if (storage == Storage::Parameter && paths[at].owner != FunctionIndex::None) {
    const Function& function = program.function(paths[at].owner);
    const std::uint32_t index = paths[at].index;
    return index < function.parameters.size() ? function.parameters[index].name : std::string();
  }
  return storage == Storage::Local || storage == Storage::Global ? std::string(symbols.text(paths[at].record))
                                                                 : std::string();
}

}  // namespace deadheat
