#include "tool/run/narrator.h"

#include <algorithm>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

namespace deadheat {
namespace {

std::string hex(std::uint64_t value) { return "0x" + llvm::utohexstr(value, /*LowerCase=*/true); }

/// Elements of an array are one variable, or a race on a table would be told once an element: `table[]` of `table[3]`.
std::string anyElement(llvm::StringRef name) {
  std::string out;
  bool inside = false;
  for (char c : name) {
    if (c == ']') inside = false;
    if (!inside) out += c;
    if (c == '[') inside = true;
  }
  return out;
}

WitnessStep stepAt(const Frame& frame, WitnessStep::Kind kind, std::string text) {
  WitnessStep step;
  step.kind = kind;
  step.point = frame.point;
  step.function = frame.function;
  step.text = std::move(text);
  return step;
}

}  // namespace

Frame Narrator::place(const RecordedStack& stack) const {
  std::vector<Frame> all = symbolizer_.frames(recording_, stack);
  auto user = std::find_if(all.begin(), all.end(), [](const Frame& frame) { return frame.user; });
  if (user != all.end()) return *user;
  return all.empty() ? Frame{} : all.front();
}

std::string Narrator::threadName(std::uint32_t thread, const RecordedStack& anyStack) const {
  if (thread == 0) return "main";
  const RecordedThread* recorded = recording_.thread(thread);
  if (recorded && recorded->entry)
    for (const Frame& frame : symbolizer_.framesAt(recording_, recorded->entry))
      if (frame.user) return "thread '" + frame.function + "'";
  std::vector<Frame> frames = symbolizer_.userFrames(recording_, anyStack);
  if (!frames.empty() && !frames.back().function.empty()) return "thread '" + frames.back().function + "'";
  if (recorded && !recorded->name.empty()) return "thread '" + recorded->name + "'";
  return "thread " + std::to_string(thread);
}

std::string Narrator::variable(const RecordedRace& race) const {
  if (race.descriptor) return "file descriptor " + std::to_string(race.descriptor->number);
  const std::uint64_t address = race.sides[0].address;
  if (std::string name = symbolizer_.variableAt(recording_, address); !name.empty()) return anyElement(name);
  std::optional<BlockPart> part;
  if (race.allocation) part = BlockPart{address - race.allocation->address, race.allocation->size};
  const std::uint64_t size = std::min(race.sides[0].size, race.sides[1].size);
  if (std::string name =
          symbolizer_.memberUsed(recording_, {race.sides[0].stack, race.sides[1].stack}, size, part);
      !name.empty())
    return name;
  if (!race.allocation) return "unnamed memory";
  const Frame frame = place(race.allocation->stack);
  return frame.function.empty() ? "heap memory" : "memory allocated in " + frame.function;
}

std::string Narrator::lock(const RecordedLock& lock, const RecordedStack& taken, const char* unnamed) const {
  if (std::string name = symbolizer_.variableAt(recording_, lock.address); !name.empty()) return name;
  if (std::string name = symbolizer_.memberUsed(recording_, {taken}, 0, std::nullopt); !name.empty()) return name;
  const Frame frame = place(taken);
  return unnamed + (frame.function.empty() ? std::string(" an unknown place") : " " + frame.function);
}

std::vector<std::string> Narrator::locks(const std::vector<RecordedLock>& locks) const {
  std::vector<std::string> names;
  for (const RecordedLock& lock : locks) {
    const std::string name = symbolizer_.variableAt(recording_, lock.address);
    names.push_back(name.empty() ? "lock at " + hex(lock.address) : name);
  }
  return names;
}

WitnessThread Narrator::witness(std::uint32_t thread, const RecordedStack& stack, const Deed& deed,
                                std::vector<std::string> held) const {
  WitnessThread out;
  out.name = threadName(thread, stack);
  if (const RecordedThread* recorded = recording_.thread(thread); recorded && thread != 0) {
    const Frame creator = place(recorded->created);
    if (!creator.point.file.empty()) out.steps.push_back(stepAt(creator, WitnessStep::Kind::Spawn, "starts " + out.name));
  }
  std::vector<Frame> frames = symbolizer_.userFrames(recording_, stack);
  for (std::size_t i = frames.size(); i > 1; --i)
    out.steps.push_back(stepAt(frames[i - 1], WitnessStep::Kind::Call, "calls '" + frames[i - 2].function + "'"));
  WitnessStep last = stepAt(frames.empty() ? place(stack) : frames.front(), deed.kind, deed.text + gap(stack));
  last.locks = std::move(held);
  out.steps.push_back(std::move(last));
  return out;
}

std::string Narrator::taskName(const RecordedTask& task) const {
  const std::string number = (task.entry ? "fiber " : "task ") + std::to_string(task.number);
  Frame own = place(task.created);
  const char* whose = task.entry ? " made in '" : " of '";
  if (task.entry)  // A library's function runs anything.
    for (const Frame& frame : symbolizer_.framesAt(recording_, task.entry))
      if (frame.user || own.function.empty()) own = frame, whose = " of '";
  return own.function.empty() ? number : number + whose + own.function + "'";
}

WitnessThread Narrator::history(const RecordedTask& task) const {
  WitnessThread out;
  out.name = taskName(task);
  std::vector<Frame> created = symbolizer_.userFrames(recording_, task.created);
  const Frame creator = created.size() > 1 && !task.entry ? created[1] : place(task.created);
  out.steps.push_back(stepAt(creator, WitnessStep::Kind::Spawn, "creates " + out.name));
  if (!task.suspended.counters.empty())
    out.steps.push_back(stepAt(place(task.suspended), WitnessStep::Kind::Wait,
                               task.state == protocol::TaskState::Suspended ? "is suspended" : "was suspended last"));
  if (task.resumed.counters.empty() || task.resumed == task.created) return out;
  const bool destroyed = task.state == protocol::TaskState::Destroyed || task.state == protocol::TaskState::Destroying;
  out.steps.push_back(stepAt(place(task.resumed), destroyed ? WitnessStep::Kind::Free : WitnessStep::Kind::Other,
                             (destroyed ? "destroyed by " : "resumed by ") + threadName(task.resumer, task.resumed)));
  return out;
}

WitnessThread Narrator::taken(const std::string& lock, const RecordedStack& where) const {
  return {"lock '" + lock + "'", {stepAt(place(where), WitnessStep::Kind::Acquire, "was taken")}};
}

WitnessThread Narrator::witness(std::uint32_t thread, const RecordedTasks& tasks, const RecordedStack& stack,
                                const Deed& deed, std::vector<std::string> held) const {
  WitnessThread out = witness(thread, stack, deed, std::move(held));
  if (tasks.empty()) return out;
  std::vector<WitnessStep> steps;
  for (std::size_t i = tasks.size() - 1; i != 0; --i)
    steps.push_back(stepAt(place(tasks[i].suspended), WitnessStep::Kind::Wait,
                           taskName(tasks[i]) + " awaits " + taskName(tasks[i - 1])));
  WitnessThread running = history(tasks.front());
  steps.push_back(running.steps.front());
  out.name += ", " + running.name;
  out.steps.insert(out.steps.begin(), steps.begin(), steps.end());
  return out;
}

std::string Narrator::gap(const RecordedStack& stack) const {
  for (std::uint64_t counter : stack.counters) {
    const RecordedModule* module = recording_.moduleAt(counter);
    if (!module || module->instrumented) continue;
    const llvm::StringRef name = llvm::sys::path::filename(module->path);
    if (name.starts_with("libc.") || name.starts_with("libstdc++") || name.starts_with("ld-linux")) continue;
    return (" (stack may be incomplete: " + name + " is not instrumented)").str();
  }
  return {};
}

}  // namespace deadheat
