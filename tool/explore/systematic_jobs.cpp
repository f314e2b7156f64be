#include "tool/explore/systematic_jobs.h"

#include <algorithm>

#include "tool/explore/stored_schedule.h"

namespace deadheat {

bool SystematicJobs::next(Plan& plan) {
  auto run = search_.next();
  if (!run) return false;
  PlannedSchedule& schedule = *plan.schedule;
  schedule.strategy = protocol::ScheduleStrategy::Replay;
  schedule.strict = true;
  schedule.records = protocol::kRecordTrace;
  Recording code;
  code.modules = modules_;
  for (const SystematicSearch::Choice& choice : run->choices) {
    const protocol::TraceEntry& at = choice.at;
    const RecordedDeviation deviation{at.kind, at.keyThread, choice.chosen, at.pc, at.occurrence, at.step, at.hash};
    schedule.deviations.push_back(plannedDeviation(deviation, code, plan.modules));
  }
  return true;
}

/// A run is good for the search if it went the way it was sent and was seen to its end, step for step.
bool SystematicJobs::canFollow(const Recording& recording, std::uint64_t mostSteps) {
  const bool crowded = std::any_of(recording.trace.begin(), recording.trace.end(), [](const protocol::TraceEntry& entry) {
    return (entry.flags & protocol::kTraceTooMany) != 0;
  });
  const auto decisions = static_cast<std::uint64_t>(
      std::count_if(recording.trace.begin(), recording.trace.end(), [](const protocol::TraceEntry& entry) {
        return entry.kind != protocol::DeviationKind::Wake && entry.step != 0;
      }));
  if (recording.state == protocol::RunState::Diverged)
    trouble_ = "runs with the same schedule differ";
  else if (crowded)
    trouble_ = "there are more than 64 threads";
  else if (recording.schedule && recording.schedule->steps > mostSteps)
    trouble_ = "a run has more than " + std::to_string(mostSteps) + " steps";
  else if (recording.schedule && decisions != recording.schedule->steps)
    trouble_ = "a run is longer than its recording";
  else
    return true;
  return false;
}

void SystematicJobs::took(std::size_t id, const Recording& recording, std::uint64_t mostSteps) {
  if (modules_.empty()) modules_ = recording.modules;
  if (canFollow(recording, mostSteps))
    search_.took(id, recording.trace);
  else
    search_.lost(id);
}

std::string SystematicJobs::summary() const {
  const std::string runs = std::to_string(search_.runs());
  if (search_.lostRuns() != 0)
    return "not all interleavings done: " + (trouble_.empty() ? "runs with the same schedule differ" : trouble_);
  if (search_.exhausted()) return "all interleavings done: " + runs;
  const auto done = search_.boundDone();
  if (done == bound_)
    return "all interleavings with at most " + std::to_string(bound_) + " preemptions done: " + runs;
  return (done ? "all interleavings with at most " + std::to_string(*done) + " preemptions done, " : std::string()) +
         "those with at most " + std::to_string(bound_) + " not: " + runs + " so far";
}

}  // namespace deadheat
