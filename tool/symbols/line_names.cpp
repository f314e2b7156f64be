// The identifiers of one line of source.
#include <algorithm>
#include <cctype>

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include "tool/symbols/member_names.h"

namespace deadheat {
namespace {

bool inName(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// The line with comments and literals blanked out, columns unchanged.
std::string codeOf(llvm::StringRef line) {
  std::string code = line.str();
  char quote = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (!quote && line.substr(i).starts_with("//")) {
      std::fill(code.begin() + static_cast<std::ptrdiff_t>(i), code.end(), ' ');
      return code;
    }
    const bool escaped = i > 0 && line[i - 1] == '\\';
    if (quote) {
      code[i] = ' ';
      if (c == quote && !escaped) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
      code[i] = ' ';
    }
  }
  return code;
}

/// Whether only `.` or `->` is between a name that ends before and one that begins at `begin`.
bool isMemberOfLast(llvm::StringRef between) { return between.trim() == "." || between.trim() == "->"; }

llvm::StringRef lineOf(llvm::StringRef text, std::uint32_t number) {
  for (std::uint32_t i = 1; i < number && !text.empty(); ++i) text = text.split('\n').second;
  return text.split('\n').first;
}

}  // namespace

LineNames namesAt(const SourcePoint& point) {
  auto buffer = llvm::MemoryBuffer::getFile(point.file, /*IsText=*/true);
  if (!buffer || point.line == 0) return {};
  const std::string code = codeOf(lineOf((*buffer)->getBuffer(), point.line));
  LineNames names;
  std::size_t lastEnd = 0;
  for (std::size_t i = 0; i < code.size();) {
    if (!inName(code[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < code.size() && inName(code[end])) ++end;
    const std::string name = code.substr(i, end - i);
    if (!std::isdigit(static_cast<unsigned char>(name[0]))) {
      if (point.column == i + 1) {
        names.atColumn = name;
        const llvm::StringRef between = llvm::StringRef(code).slice(lastEnd, i);
        if (!names.all.empty() && isMemberOfLast(between)) names.calledOn = names.all.back();
      }
      names.all.push_back(name);
    }
    i = lastEnd = end;
  }
  return names;
}

}  // namespace deadheat
