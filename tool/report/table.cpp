// The table format: one line a finding, for a look at many findings at once.
#include "tool/report/table.h"

#include <algorithm>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Unicode.h"
#include "tool/report/format.h"
#include "tool/report/words.h"

namespace deadheat {
namespace {

std::size_t displayWidth(const std::string& text) {
  int width = llvm::sys::unicode::columnWidthUTF8(text);
  return width < 0 ? text.size() : static_cast<std::size_t>(width);
}

std::string placeText(const SourcePoint& point, const std::string& root) {
  if (point.file.empty()) return "?";
  return relativeTo(point.file, root) + (point.line != 0 ? ":" + std::to_string(point.line) : std::string());
}

std::vector<std::string> rowOf(const Finding& finding, const std::string& root) {
  return {shortId(finding), finding.check, placeText(finding.location, root), llvm::join(finding.subjects, ", "),
          shortVerdict(finding.verdict)};
}

}  // namespace

void writeTable(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows,
                llvm::raw_ostream& out) {
  std::vector<std::size_t> widths(headings.size(), 0);
  auto widen = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], displayWidth(row[i]));
  };
  auto write = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      out << row[i] << std::string(widths[i] - displayWidth(row[i]) + 2, ' ');
    out << row.back() << '\n';
  };
  widen(headings);
  for (const auto& row : rows) widen(row);
  write(headings);
  for (const auto& row : rows) write(row);
}

void renderTable(const Report& report, Coloring, llvm::raw_ostream& out) {
  if (report.findings.empty()) return;
  std::vector<std::vector<std::string>> rows;
  for (const Finding& finding : report.findings) rows.push_back(rowOf(finding, report.root));
  writeTable({"FINDING", "CHECK", "WHERE", "SUBJECT", "VERDICT"}, rows, out);
}

}  // namespace deadheat
