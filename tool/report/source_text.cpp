#include "tool/report/source_text.h"

#include <cctype>

#include "llvm/Support/MemoryBuffer.h"

namespace deadheat {
namespace {

std::vector<std::string_view> splitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

bool inIdentifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0; }

}  // namespace

const SourceText::File* SourceText::load(const std::string& file) {
  auto [entry, isNew] = files_.try_emplace(file);
  if (!isNew || file.empty()) return entry->second.get();
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) return nullptr;
  entry->second = std::make_unique<File>();
  entry->second->text = (*buffer)->getBuffer().str();
  entry->second->lines = splitLines(entry->second->text);
  return entry->second.get();
}

std::optional<std::string_view> SourceText::line(const std::string& file, std::uint32_t number) {
  const File* loaded = load(file);
  if (loaded == nullptr || number == 0 || number > loaded->lines.size()) return std::nullopt;
  return loaded->lines[number - 1];
}

const std::string* SourceText::whole(const std::string& file) {
  const File* loaded = load(file);
  return loaded == nullptr ? nullptr : &loaded->text;
}

std::uint32_t tokenEnd(std::string_view line, std::uint32_t column) {
  std::size_t position = column == 0 ? 0 : column - 1;
  if (position >= line.size()) return column == UINT32_MAX ? column : column + 1;
  std::size_t end = position;
  while (end < line.size() && inIdentifier(line[end])) ++end;
  return static_cast<std::uint32_t>((end == position ? position + 1 : end) + 1);
}

std::uint32_t utf16Column(std::string_view line, std::uint32_t column) {
  if (column == 0) return 1;
  std::string_view before = line.substr(0, column - 1);
  auto units = static_cast<std::uint32_t>(column - before.size());
  for (char c : before) {
    auto byte = static_cast<unsigned char>(c);
    bool continuation = (byte & 0xC0) == 0x80;
    if (!continuation) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

}  // namespace deadheat
