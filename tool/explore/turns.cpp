#include "tool/explore/turns.h"

#include <algorithm>
#include <map>
#include <set>

#include "llvm/Support/Path.h"
#include "tool/run/narrator.h"

namespace deadheat {
namespace {

constexpr std::size_t kMostTurns = 24;    ///< Of a story; of longer ones the beginning and the end are told.
constexpr std::size_t kFirstTurns = 6;
constexpr std::size_t kMostLanes = 6;
constexpr std::size_t kMostNameWidth = 28;

/// The innermost frame of user code at what a return address is after.
const Frame* userFrame(const std::vector<Frame>& frames) {
  auto found = std::find_if(frames.begin(), frames.end(), [](const Frame& frame) { return frame.user; });
  return found == frames.end() ? nullptr : &*found;
}

std::string baseName(const SourcePoint& point) { return llvm::sys::path::filename(point.file).str(); }

std::string placeText(const SourcePoint& point) { return baseName(point) + ":" + std::to_string(point.line); }

/// "cache.cpp:12 to 30", "cache.cpp:12".
std::string rangeText(const Turn& turn) {
  if (turn.from.file == turn.to.file)
    return placeText(turn.from) + (turn.from.line == turn.to.line ? "" : " to " + std::to_string(turn.to.line));
  return placeText(turn.from) + " to " + placeText(turn.to);
}

bool isTold(const Turn& turn) { return !turn.to.file.empty(); }

/// Turns of one thread or task that stand next to each other once those between are left out are one.
std::vector<Turn> toldTurns(const std::vector<Turn>& turns) {
  std::vector<Turn> told;
  for (const Turn& turn : turns) {
    if (!isTold(turn)) continue;
    if (told.empty() || told.back().thread != turn.thread || told.back().task != turn.task) {
      told.push_back(turn);
      continue;
    }
    told.back().to = turn.to;
    told.back().function = turn.function;
  }
  return told;
}

/// The first and last ones; `dropped` come after the first `kFirstTurns`.
std::vector<Turn> shortened(std::vector<Turn> turns, std::size_t& dropped) {
  dropped = 0;
  if (turns.size() <= kMostTurns) return turns;
  dropped = turns.size() - kMostTurns;
  const auto first = turns.begin() + kFirstTurns;
  turns.erase(first, first + static_cast<std::ptrdiff_t>(dropped));
  return turns;
}

using Actor = std::pair<std::uint32_t, std::uint32_t>;

Actor actorOf(const Turn& turn) { return {turn.thread, turn.task}; }

/// Threads as they first have a turn, each with its tasks after it, as these do.
std::map<Actor, std::size_t> columnsOf(const std::vector<Turn>& turns) {
  std::vector<std::vector<Actor>> threads;
  for (const Turn& turn : turns) {
    auto own = std::find_if(threads.begin(), threads.end(), [&](const auto& list) { return list[0].first == turn.thread; });
    if (own == threads.end())
      threads.push_back({actorOf(turn)});
    else if (std::find(own->begin(), own->end(), actorOf(turn)) == own->end())
      own->push_back(actorOf(turn));
  }
  std::map<Actor, std::size_t> columns;
  for (const std::vector<Actor>& list : threads)
    for (const Actor& actor : list) columns.emplace(actor, columns.size());
  return columns;
}

/// Of a long name the end tells more: which task.
std::string headText(const std::string& name) {
  const std::size_t task = name.find(", ");
  const std::string text = name.size() > kMostNameWidth && task != std::string::npos ? name.substr(task + 2) : name;
  return text.substr(0, kMostNameWidth);
}

std::string leftOut(std::size_t dropped) { return "... " + std::to_string(dropped) + " more turns ..."; }

/// The outermost function of user code, inlined calls included, that a thread's first such operation is in.
std::map<std::uint32_t, std::string> firstFunctions(const Recording& recording, Symbolizer& symbolizer) {
  std::map<std::uint32_t, std::string> first;
  for (const protocol::TraceEntry& entry : recording.trace) {
    if (entry.pc == 0 || first.count(entry.keyThread) != 0) continue;
    const std::vector<Frame> frames = symbolizer.framesAt(recording, entry.pc - 1);
    auto outermost = std::find_if(frames.rbegin(), frames.rend(), [](const Frame& frame) { return frame.user; });
    if (outermost != frames.rend()) first[entry.keyThread] = outermost->function;
  }
  return first;
}

}  // namespace

std::vector<Turn> turnsOf(const Recording& recording, Symbolizer& symbolizer) {
  std::vector<Turn> turns;
  std::map<std::uint32_t, std::uint64_t> announced;  ///< What each thread is about to do.
  std::map<std::uint64_t, std::vector<Frame>> known;
  for (const protocol::TraceEntry& entry : recording.trace) {
    announced[entry.keyThread] = entry.pc;
    if (entry.kind != protocol::DeviationKind::Switch) continue;
    if (turns.empty() || turns.back().thread != entry.chosen || turns.back().task != entry.task)
      turns.push_back({entry.chosen, entry.task, {}, {}, {}});
    const std::uint64_t pc = announced[entry.chosen];
    if (pc == 0) continue;
    auto [frames, fresh] = known.try_emplace(pc);
    if (fresh) frames->second = symbolizer.framesAt(recording, pc - 1);
    const Frame* frame = userFrame(frames->second);
    if (!frame) continue;
    Turn& turn = turns.back();
    if (turn.from.file.empty()) turn.from = frame->point;
    turn.to = frame->point;
    turn.function = frame->function;
  }
  return turns;
}

std::string ActorNames::of(const Turn& turn) const {
  const std::string thread =
      turn.thread < threads.size() ? threads[turn.thread] : "thread " + std::to_string(turn.thread);
  if (turn.task == 0) return thread;
  const auto task = tasks.find(turn.task);
  return thread + ", " + (task == tasks.end() ? "task " + std::to_string(turn.task) : task->second);
}

ActorNames actorNames(const Recording& recording, Symbolizer& symbolizer) {
  const Narrator narrator(recording, symbolizer);
  const std::map<std::uint32_t, std::string> first = firstFunctions(recording, symbolizer);
  std::uint32_t most = 0;
  for (const RecordedThread& thread : recording.threads) most = std::max(most, thread.id);
  for (const protocol::TraceEntry& entry : recording.trace) most = std::max(most, entry.chosen);
  ActorNames all;
  for (const auto& [number, task] : recording.tasks) all.tasks[number] = narrator.taskName(task);
  std::vector<std::string>& names = all.threads;
  std::map<std::string, unsigned> times;
  for (std::uint32_t id = 0; id <= most; ++id) {
    std::string& name = names.emplace_back(narrator.threadName(id, {}));
    const auto function = first.find(id);
    if (name == "thread " + std::to_string(id) && function != first.end()) name = "thread '" + function->second + "'";
    ++times[name];
  }
  std::map<std::string, unsigned> seen;
  for (std::string& name : names)
    if (const std::string plain = name; times[plain] > 1) name += " #" + std::to_string(++seen[plain]);
  return all;
}

std::vector<std::string> tellTurns(const std::vector<Turn>& turns, const ActorNames& names) {
  std::size_t dropped = 0;
  const std::vector<Turn> told = shortened(toldTurns(turns), dropped);
  std::vector<std::string> lines;
  std::set<Actor> begun;
  for (std::size_t i = 0; i < told.size(); ++i) {
    const Turn& turn = told[i];
    if (dropped != 0 && i == kFirstTurns) lines.push_back(leftOut(dropped));
    const bool again = !begun.insert(actorOf(turn)).second;
    std::string line = names.of(turn);
    line += i == 0 ? " runs to " + placeText(turn.to) : (again ? " continues: " : " runs ") + rangeText(turn);
    lines.push_back(line + (turn.function.empty() ? "" : " (" + turn.function + ")"));
  }
  return lines;
}

std::vector<std::string> drawLanes(const std::vector<Turn>& turns, const ActorNames& names) {
  std::size_t dropped = 0;
  const std::vector<Turn> told = shortened(toldTurns(turns), dropped);
  const std::map<Actor, std::size_t> column = columnsOf(told);
  if (column.size() < 2 || column.size() > kMostLanes) return {};
  std::vector<std::size_t> widths(column.size());
  std::vector<std::string> heads(column.size());
  for (const Turn& turn : told) {
    const std::size_t lane = column.at(actorOf(turn));
    heads[lane] = headText(names.of(turn));
    widths[lane] = std::max({widths[lane], heads[lane].size(), rangeText(turn).size()});
  }
  auto row = [&](std::size_t lane, const std::string& text) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      std::string cell = i == lane ? text : "";
      cell.resize(widths[i], ' ');
      line += (i ? " | " : "") + cell;
    }
    return line.substr(0, line.find_last_not_of(' ') + 1);
  };
  std::string head;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    heads[i].resize(widths[i], ' ');
    head += (i ? " | " : "") + heads[i];
  }
  std::vector<std::string> lines{head.substr(0, head.find_last_not_of(' ') + 1)};
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (dropped != 0 && i == kFirstTurns) lines.push_back(leftOut(dropped));
    lines.push_back(row(column.at(actorOf(told[i])), rangeText(told[i])));
  }
  return lines;
}

}  // namespace deadheat
