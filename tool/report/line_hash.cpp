#include "tool/report/line_hash.h"

#include <cstdint>
#include <unordered_map>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

namespace deadheat {
namespace {

constexpr std::size_t kWindow = 100;
constexpr std::uint64_t kBase = 37;
constexpr llvm::UTF16 kEndOfFile = 0xFFFF;

/// The code units that count, and where in them each line starts.
struct Units {
  std::vector<llvm::UTF16> units;
  std::vector<std::size_t> lineStarts;
};

std::vector<llvm::UTF16> toUtf16(std::string_view text) {
  llvm::SmallVector<llvm::UTF16, 0> wide;
  if (llvm::convertUTF8ToUTF16String(text, wide)) return {wide.begin(), wide.end()};
  return {text.begin(), text.end()};
}

Units significantUnits(std::string_view text) {
  Units result;
  bool lineStart = true;
  auto add = [&](llvm::UTF16 unit) {
    if (lineStart) result.lineStarts.push_back(result.units.size());
    lineStart = unit == '\n';
    result.units.push_back(unit);
  };
  bool afterReturn = false;
  for (llvm::UTF16 unit : toUtf16(text)) {
    bool skipped = unit == ' ' || unit == '\t' || (unit == '\n' && afterReturn);
    afterReturn = unit == '\r';
    if (!skipped) add(unit == '\r' ? llvm::UTF16('\n') : unit);
  }
  add(kEndOfFile);
  return result;
}

}  // namespace

std::vector<std::string> lineHashes(std::string_view text) {
  Units input = significantUnits(text);
  std::size_t count = input.units.size();
  input.units.resize(count + kWindow, 0);

  std::uint64_t power = 1;
  for (std::size_t i = 0; i < kWindow; ++i) power *= kBase;

  std::vector<std::string> hashes;
  std::unordered_map<std::uint64_t, unsigned> seen;
  std::uint64_t hash = 0;
  std::size_t line = 0;
  for (std::size_t end = 0; end < input.units.size() && line < input.lineStarts.size(); ++end) {
    hash = hash * kBase + input.units[end];
    if (end >= kWindow) hash -= power * input.units[end - kWindow];
    if (end + 1 != input.lineStarts[line] + kWindow) continue;
    hashes.push_back(llvm::utohexstr(hash, /*LowerCase=*/true) + ":" + std::to_string(++seen[hash]));
    ++line;
  }
  return hashes;
}

}  // namespace deadheat
