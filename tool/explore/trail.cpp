#include "tool/explore/trail.h"

#include <algorithm>
#include <map>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

namespace deadheat {
namespace {

constexpr std::size_t kMostSteps = 4096;

/// One step as the recording has it.
struct Step {
  std::uint32_t thread;
  std::uint64_t pc;
  std::uint64_t hash;
};

std::vector<Step> stepsOf(const Recording& recording) {
  std::vector<Step> steps;
  std::map<std::uint32_t, std::uint64_t> announced;  ///< What each thread is about to do.
  for (const protocol::TraceEntry& entry : recording.trace) {
    announced[entry.keyThread] = entry.pc;
    if (entry.kind == protocol::DeviationKind::Switch) steps.push_back({entry.chosen, announced[entry.chosen], entry.hash});
  }
  return steps;
}

TrailStep trailStep(const Step& step, const Recording& recording, std::vector<PlannedModule>& modules) {
  TrailStep out{step.thread, std::nullopt, 0, step.hash};
  const RecordedModule* module = step.pc == 0 ? nullptr : recording.moduleAt(step.pc);
  if (!module) return out;
  out.module = moduleNumber(modules, *module);
  out.offset = step.pc - module->base;
  return out;
}

std::string placeOf(const Recording& recording, std::uint64_t pc, Symbolizer& symbolizer) {
  if (pc == 0) return "its start or end";
  const std::vector<Frame> frames = symbolizer.framesAt(recording, pc - 1);
  for (const Frame& frame : frames)
    if (frame.user) return llvm::sys::path::filename(frame.point.file).str() + ":" + std::to_string(frame.point.line);
  return frames.empty() ? "0x" + llvm::utohexstr(pc, /*LowerCase=*/true) : frames.front().where();
}

std::string threadName(std::uint32_t thread) { return thread == 0 ? "main" : "thread " + std::to_string(thread); }

/// Where the expected step's code is in this run; 0: it is none, or its module is not loaded.
std::uint64_t addressOf(const TrailStep& step, const std::vector<PlannedModule>& modules, const Recording& recording) {
  if (!step.module || *step.module >= modules.size()) return 0;
  for (const RecordedModule& module : recording.modules)
    if (llvm::sys::path::filename(module.path) == modules[*step.module].path) return module.base + step.offset;
  return 0;
}

}  // namespace

std::uint32_t moduleNumber(std::vector<PlannedModule>& modules, const RecordedModule& module) {
  PlannedModule planned{llvm::sys::path::filename(module.path).str(), module.buildId};
  auto found = std::find(modules.begin(), modules.end(), planned);
  if (found == modules.end()) found = modules.insert(found, std::move(planned));
  return static_cast<std::uint32_t>(found - modules.begin());
}

Trail trailOf(const Recording& recording, std::vector<PlannedModule>& modules) {
  const std::vector<Step> steps = stepsOf(recording);
  Trail trail;
  trail.stride = steps.size() / kMostSteps + 1;
  for (std::size_t i = 0; i < steps.size(); i += trail.stride) trail.steps.push_back(trailStep(steps[i], recording, modules));
  return trail;
}

std::string divergenceFrom(const Trail& expected, const std::vector<PlannedModule>& modules, const Recording& recording,
                           Symbolizer& symbolizer) {
  const std::vector<Step> steps = stepsOf(recording);
  if (steps.empty()) return {};
  std::vector<PlannedModule> known = modules;
  for (std::size_t i = 0; i < expected.steps.size(); ++i) {
    const TrailStep& wanted = expected.steps[i];
    const std::size_t number = i * expected.stride;
    std::string text = "diverged at step " + std::to_string(number + 1) + ": expected " + threadName(wanted.thread) + " at " +
                       placeOf(recording, addressOf(wanted, modules, recording), symbolizer) + ", got ";
    if (number >= steps.size()) return text + "the end of the run";
    if (trailStep(steps[number], recording, known) == wanted) continue;
    return text + threadName(steps[number].thread) + " at " + placeOf(recording, steps[number].pc, symbolizer);
  }
  return {};
}

}  // namespace deadheat
