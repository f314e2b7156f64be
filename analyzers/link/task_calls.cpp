#include "analyzers/link/task_calls.h"

namespace deadheat {

void TaskCalls::startTasks(TuFacts& unit) const {
  if (coroutines_.empty()) return;
  for (Function& function : unit.functions) {
    for (BasicBlock& block : function.blocks) {
      for (Event& event : block.events) {
        auto* call = std::get_if<Call>(&event.what);
        if (!call || call->task != Call::Task::Kept) continue;
        const auto callee = coroutines_.find(call->callee.function);
        if (callee == coroutines_.end()) continue;
        Spawn start;
        start.entry = std::move(call->callee);
        start.receiver = std::move(call->receiver);
        start.arguments = std::move(call->arguments);
        start.handle = std::move(call->result);
        start.where = SpawnWhere::Task;
        start.how = "coroutine";
        // Whoever resumes it runs it, which is the thread that started it as long as nothing tells otherwise.
        start.runs = callee->second == Resumption::Unknown ? Resumption::SameThread : callee->second;
        event.what = std::move(start);
      }
    }
  }
}

}  // namespace deadheat
