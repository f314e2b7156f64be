#include "tool/explore/anchors.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "tool/explore/trail.h"
#include "tool/symbols/site_map.h"
#include "tool/symbols/source_path.h"

namespace deadheat {
namespace {

/// Without the blanks around it and a comment at its end.
std::string codeOf(llvm::StringRef line) { return line.take_front(line.find(" //")).trim().str(); }

/// Lines of source files, as codeOf has them.
class Sources {
 public:
  const std::vector<std::string>& lines(const std::string& file) {
    auto [entry, fresh] = files_.try_emplace(file);
    if (!fresh) return entry->second;
    auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/true);
    if (!buffer) return entry->second;
    llvm::SmallVector<llvm::StringRef> lines;
    (*buffer)->getBuffer().split(lines, '\n');
    for (llvm::StringRef line : lines) entry->second.push_back(codeOf(line));
    return entry->second;
  }
  std::string at(const SourcePoint& point) {
    const std::vector<std::string>& all = lines(point.file);
    return point.line == 0 || point.line > all.size() ? std::string() : all[point.line - 1];
  }

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

/// Operations seen in traces: by function and line, the addresses in order.
struct Operations {
  std::map<std::pair<std::string, std::uint32_t>, std::set<std::uint64_t>> offsets;  ///< By function and line.
  std::map<std::uint64_t, Frame> frames;                                              ///< By return address.
};

/// The innermost in the user's own sources; empty if there is none.
Frame userFrameAt(const Recording& recording, std::uint64_t address, Symbolizer& symbolizer) {
  for (const Frame& frame : symbolizer.framesAt(recording, address))
    if (frame.user) return frame;
  return {};
}

void addOperations(const Recording& recording, Symbolizer& symbolizer, Operations& to) {
  for (const protocol::TraceEntry& entry : recording.trace) {
    if (entry.pc == 0 || to.frames.count(entry.pc) != 0) continue;
    Frame& frame = to.frames[entry.pc];
    frame = userFrameAt(recording, entry.pc - 1, symbolizer);
    if (frame.point.file.empty()) {  // A function of a library's header has a place of its own.
      const std::vector<Frame> frames = symbolizer.framesAt(recording, entry.pc - 1);
      if (!frames.empty()) frame = frames.front();
    }
    if (!frame.point.file.empty()) to.offsets[{frame.function, frame.point.line}].insert(entry.pc);
  }
}

/// The line of the anchor's function where it is now; 0: nowhere.
SourcePoint placeNow(const Anchor& anchor, const Operations& operations, Sources& sources) {
  SourcePoint best;
  auto distance = [&](std::uint32_t line) { return line > anchor.line ? line - anchor.line : anchor.line - line; };
  for (const auto& [place, offsets] : operations.offsets) {
    if (place.first != anchor.function) continue;
    const Frame& frame = operations.frames.at(*offsets.begin());
    const std::string text = sources.at(frame.point);
    const bool same = anchor.text.empty() || text.empty() ? place.second == anchor.line : text == anchor.text;
    if (same && (best.line == 0 || distance(place.second) < distance(best.line))) best = frame.point;
  }
  return best;
}

/// The operation that the anchor means now; 0: none.
std::uint64_t operationAt(const Anchor& anchor, const Operations& operations, Sources& sources) {
  const std::uint32_t line = placeNow(anchor, operations, sources).line;
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

std::vector<Anchor> siteAnchorsOf(std::size_t sites, const std::vector<PlannedRange>& ranges,
                                  const std::vector<PlannedModule>& modules, const Recording& recording,
                                  Symbolizer& symbolizer) {
  Sources sources;
  std::vector<Anchor> anchors(sites);
  for (const PlannedRange& range : ranges) {
    Anchor& anchor = anchors[range.site];
    const RecordedModule* module = anchor.file.empty() ? unchanged(modules[range.module], recording) : nullptr;
    if (!module) continue;
    const Frame frame = userFrameAt(recording, module->base + range.code.begin, symbolizer);
    if (!frame.point.file.empty())
      anchor = {frame.point.file, frame.point.line, frame.function, sources.at(frame.point), 0};
  }
  return anchors;
}

ReanchoredSites reanchorSites(const std::vector<PlannedRange>& ranges, const std::vector<PlannedModule>& before,
                              const std::vector<Anchor>& anchors, const std::vector<Recording>& recordings,
                              std::vector<PlannedModule>& modules, Symbolizer& symbolizer) {
  Operations operations;
  for (const Recording& recording : recordings) addOperations(recording, symbolizer, operations);
  Sources sources;
  ReanchoredSites out;
  std::set<std::string> lost;
  std::map<std::uint32_t, SourcePoint> moved;  // By site.
  for (const PlannedRange& range : ranges) {
    if (const RecordedModule* same = unchanged(before[range.module], recordings.front())) {
      out.ranges.push_back({moduleNumber(modules, *same), range.site, range.code});
      continue;
    }
    const Anchor anchor = range.site < anchors.size() ? anchors[range.site] : Anchor{};
    const SourcePoint now = anchor.file.empty() ? SourcePoint{} : placeNow(anchor, operations, sources);
    if (now.line == 0)
      lost.insert(anchor.file.empty() ? "a place in a library" : nameOf(anchor));
    else
      moved.emplace(range.site, SourcePoint{now.file, now.line, 0});
  }
  std::vector<SourcePoint> points;
  for (const auto& [site, point] : moved) points.push_back(point);
  for (const RecordedModule& module : recordings.front().modules) {
    if (points.empty() || !module.instrumented) continue;
    auto mapped = mapSites(module.path, points);
    if (!mapped) {
      llvm::consumeError(mapped.takeError());
      continue;
    }
    auto place = mapped->begin();
    for (auto site = moved.begin(); place != mapped->end(); ++site, ++place)
      for (const CodeRange& code : place->line) out.ranges.push_back({moduleNumber(modules, module), site->first, code});
  }
  out.lost.assign(lost.begin(), lost.end());
  return out;
}

}  // namespace deadheat
