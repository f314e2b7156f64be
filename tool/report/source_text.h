// Source text: the lines of the files that findings point into, read once each. For excerpts, token ends and the
// column units of other formats.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/findings/finding.h"

namespace deadheat {

/// Reads files on demand and keeps them. Not for several threads.
class SourceText {
 public:
  /// Line `number` (from 1) of `file` without its end; nothing if the file cannot be read or has no such line.
  std::optional<std::string_view> line(const std::string& file, std::uint32_t number);
  /// The whole file; null if it cannot be read.
  const std::string* whole(const std::string& file);

 private:
  struct File {
    std::string text;
    std::vector<std::string_view> lines;
  };
  const File* load(const std::string& file);

  std::map<std::string, std::unique_ptr<File>> files_;  ///< Null: could not be read.
};

/// The 1-based byte column just after the token that starts at byte `column` of `line`: an identifier or number whole,
/// any other character alone.
std::uint32_t tokenEnd(std::string_view line, std::uint32_t column);

/// The 1-based column in UTF-16 code units of the byte `column` of `line`; columns past its end count as ASCII.
std::uint32_t utf16Column(std::string_view line, std::uint32_t column);

}  // namespace deadheat
