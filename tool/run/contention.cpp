#include "tool/run/contention.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include "tool/run/narrator.h"

namespace deadheat {
namespace {

constexpr std::size_t kMostLines = 20;

std::string milliseconds(std::uint64_t nanoseconds) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.3f", static_cast<double>(nanoseconds) / 1e6);
  return text;
}

std::string place(const Narrator& narrator, const RecordedStack& stack) {
  const Frame frame = narrator.place(stack);
  return frame.function.empty() ? frame.where() : frame.function + " (" + frame.where() + ")";
}

std::string line(const std::string& waits, const std::string& waited, const std::string& longest, const std::string& hold,
                 const std::string& where) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::right_justify(waits, 8) << llvm::right_justify(waited, 14)
                                 << llvm::right_justify(longest, 14) << llvm::right_justify(hold, 14) << "  " << where;
  return text;
}

}  // namespace

std::vector<std::string> contentionTable(const Recording& recording, Symbolizer& symbolizer) {
  if (recording.contention.empty()) return {};
  const Narrator narrator(recording, symbolizer);
  std::vector<std::string> lines{line("waits", "waited ms", "longest ms", "held most ms", "taken in, of the lock")};
  for (const RecordedContention& row : recording.contention) {
    if (lines.size() > kMostLines) break;
    const std::string lock = narrator.lock(row.lock, row.taken, "lock of") + ", made in " + place(narrator, row.made);
    lines.push_back(line(std::to_string(row.waits), milliseconds(row.waited), milliseconds(row.longestWait),
                         milliseconds(row.longestHold), place(narrator, row.taken) + ": " + lock));
  }
  return lines;
}

}  // namespace deadheat
