#include "tool/explore/story.h"

#include "llvm/Support/Path.h"

namespace deadheat {
namespace {

std::string threadName(std::uint32_t thread) { return thread == 0 ? "main" : "thread " + std::to_string(thread); }

/// The innermost frame with a source, of the operation that was announced at `pc`.
std::string placeOf(const Recording& recording, std::uint64_t pc, Symbolizer& symbolizer) {
  for (const Frame& frame : symbolizer.framesAt(recording, pc - 1)) {
    if (!frame.user && !frame.point.file.empty()) continue;
    std::string place = frame.point.file.empty()
                            ? frame.where()
                            : llvm::sys::path::filename(frame.point.file).str() + ":" + std::to_string(frame.point.line);
    return frame.function.empty() ? place : place + " (" + frame.function + ")";
  }
  return "a library";
}

}  // namespace

std::vector<std::string> storyOf(const Recording& recording, Symbolizer& symbolizer) {
  std::vector<std::string> story;
  if (!recording.schedule) return story;
  for (const RecordedDeviation& deviation : recording.schedule->deviations) {
    const std::string who = threadName(deviation.thread), next = threadName(deviation.chosen);
    if (deviation.kind == protocol::DeviationKind::Wake)
      story.push_back(who + " wakes " + next + " at " + placeOf(recording, deviation.pc, symbolizer));
    else if (deviation.kind == protocol::DeviationKind::Choose)
      story.push_back(who + " takes choice " + std::to_string(deviation.chosen) + " instead of 0 at " +
                      placeOf(recording, deviation.pc, symbolizer));
    else if (deviation.pc == 0)
      story.push_back(who + (deviation.occurrence == 0 ? " has ended or not begun; " : " ends; ") + next + " goes on");
    else
      story.push_back(who + " stops at " + placeOf(recording, deviation.pc, symbolizer) + "; " + next + " goes on");
  }
  return story;
}

}  // namespace deadheat
