#include "tool/explore/anchors.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "tool/explore/trail.h"
#include "tool/symbols/source_path.h"

namespace deadheat {
namespace {

/// Lines of source files, without the blanks around them.
class Sources {
 public:
  const std::vector<std::string>& lines(const std::string& file) {
    auto [entry, fresh] = files_.try_emplace(file);
    if (!fresh) return entry->second;
    auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/true);
    if (!buffer) return entry->second;
    llvm::SmallVector<llvm::StringRef> lines;
    (*buffer)->getBuffer().split(lines, '\n');
    for (llvm::StringRef line : lines) entry->second.push_back(line.trim().str());
    return entry->second;
  }
  std::string at(const SourcePoint& point) {
    const std::vector<std::string>& all = lines(point.file);
    return point.line == 0 || point.line > all.size() ? std::string() : all[point.line - 1];
  }

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

/// Operations seen in traces: by function and line of user code, the addresses in order.
struct Operations {
  std::map<std::pair<std::string, std::uint32_t>, std::set<std::uint64_t>> offsets;  ///< By function and line.
  std::map<std::uint64_t, Frame> frames;                                              ///< By return address.
};

void addOperations(const Recording& recording, Symbolizer& symbolizer, Operations& to) {
  for (const protocol::TraceEntry& entry : recording.trace) {
    if (entry.pc == 0 || to.frames.count(entry.pc) != 0) continue;
    Frame& frame = to.frames[entry.pc];
    for (const Frame& each : symbolizer.framesAt(recording, entry.pc - 1))
      if (each.user) {
        frame = each;
        break;
      }
    if (!frame.point.file.empty()) to.offsets[{frame.function, frame.point.line}].insert(entry.pc);
  }
}

/// The line of `function` where the anchor is now; 0: nowhere.
std::uint32_t lineNow(const Anchor& anchor, const Operations& operations, Sources& sources) {
  std::uint32_t best = 0;
  auto distance = [&](std::uint32_t line) { return line > anchor.line ? line - anchor.line : anchor.line - line; };
  for (const auto& [place, offsets] : operations.offsets) {
    if (place.first != anchor.function) continue;
    const Frame& frame = operations.frames.at(*offsets.begin());
    const std::string text = sources.at(frame.point);
    const bool same = anchor.text.empty() || text.empty() ? place.second == anchor.line : text == anchor.text;
    if (same && (best == 0 || distance(place.second) < distance(best))) best = place.second;
  }
  return best;
}

/// The operation that the anchor means now; 0: none.
std::uint64_t operationAt(const Anchor& anchor, const Operations& operations, Sources& sources) {
  const std::uint32_t line = lineNow(anchor, operations, sources);
  if (line == 0) return 0;
  const std::set<std::uint64_t>& offsets = operations.offsets.at({anchor.function, line});
  auto found = offsets.begin();
  std::advance(found, std::min<std::size_t>(anchor.rank, offsets.size() - 1));
  return *found;
}

/// The module as it was, in the new program; null: it is not there, or was built anew.
const RecordedModule* unchanged(const PlannedModule& before, const Recording& recording) {
  if (before.buildId.empty()) return nullptr;
  auto same = std::find_if(recording.modules.begin(), recording.modules.end(),
                           [&](const RecordedModule& module) { return module.buildId == before.buildId; });
  return same == recording.modules.end() ? nullptr : &*same;
}

std::string nameOf(const Anchor& anchor) {
  return llvm::sys::path::filename(anchor.file).str() + ":" + std::to_string(anchor.line) + " (" + anchor.function + ")";
}

}  // namespace

std::vector<Anchor> anchorsOf(const Recording& recording, Symbolizer& symbolizer) {
  Operations operations;
  addOperations(recording, symbolizer, operations);
  Sources sources;
  std::vector<Anchor> anchors;
  if (!recording.schedule) return anchors;
  for (const RecordedDeviation& deviation : recording.schedule->deviations) {
    Anchor& anchor = anchors.emplace_back();
    auto known = operations.frames.find(deviation.pc);
    if (known == operations.frames.end() || known->second.point.file.empty()) continue;
    const Frame& frame = known->second;
    const std::set<std::uint64_t>& offsets = operations.offsets.at({frame.function, frame.point.line});
    const auto rank = std::distance(offsets.begin(), offsets.find(deviation.pc));
    anchor = {frame.point.file, frame.point.line, frame.function, sources.at(frame.point), static_cast<std::uint32_t>(rank)};
  }
  return anchors;
}

Reanchored reanchor(const PlannedSchedule& schedule, const std::vector<PlannedModule>& before,
                    const std::vector<Anchor>& anchors, const std::vector<Recording>& recordings,
                    std::vector<PlannedModule>& modules, Symbolizer& symbolizer) {
  const std::vector<PlannedDeviation>& deviations = schedule.deviations;
  Operations operations;
  for (const Recording& recording : recordings) addOperations(recording, symbolizer, operations);
  Sources sources;
  Reanchored out;
  std::set<std::string> lost;
  for (std::size_t i = 0; i < deviations.size(); ++i) {
    PlannedDeviation moved = deviations[i];
    if (const RecordedModule* same = moved.module ? unchanged(before[*moved.module], recordings.front()) : nullptr) {
      moved.module = moduleNumber(modules, *same);
    } else if (moved.module) {
      const Anchor anchor = i < anchors.size() ? anchors[i] : Anchor{};
      const std::uint64_t pc = anchor.file.empty() ? 0 : operationAt(anchor, operations, sources);
      const RecordedModule* module = pc == 0 ? nullptr : recordings.front().moduleAt(pc);
      if (!module) {
        lost.insert(anchor.file.empty() ? "a place in a library" : nameOf(anchor));
        continue;
      }
      moved.module = moduleNumber(modules, *module);
      moved.offset = pc - module->base;
    }
    out.deviations.push_back(moved);
  }
  out.lost.assign(lost.begin(), lost.end());
  return out;
}

}  // namespace deadheat
