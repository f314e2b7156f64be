// The cache on disk: named entries of a few kinds below one folder, shared by any number of processes at once.
//
//   units/ab/cdef…/<inputs>   what became of a unit (by its command), one entry for each state of its inputs
//   facts/ab/cdef…            facts, by their digest
//   findings/ab/cdef…         findings, by the facts they follow from
//   tmp/                      files on their way to one of these
//
// An entry is written aside and renamed, so it is whole or not there; one that is not whole (a disk that lost power) is
// taken away when it is met. Nothing is ever changed in place, and any entry may vanish at any time: who relies on one
// makes it again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyzers/facts/digest.h"
#include "llvm/Support/Error.h"

namespace deadheat {

class CacheFolder {
 public:
  enum class Kind : std::uint8_t { Units, Facts, Findings };
  static constexpr Kind kKinds[] = {Kind::Units, Kind::Facts, Kind::Findings};

  /// Makes the folder if it is not there. The error is one line.
  static llvm::Expected<CacheFolder> open(std::string path);

  const std::string& path() const { return path_; }
  std::string pathOf(Kind kind) const;
  std::string temporaryPath() const { return path_ + "/tmp"; }

  /// The entry's bytes; nothing if there is none, or none that is whole.
  std::optional<std::string> read(Kind kind, const std::string& name) const;
  bool contains(Kind kind, const std::string& name) const;
  /// Errors are those of the disk: full, read-only.
  llvm::Error write(Kind kind, const std::string& name, llvm::StringRef bytes) const;
  void remove(Kind kind, const std::string& name) const;
  /// The names of the entries below `name`, which is a folder; the newest first.
  std::vector<std::string> below(Kind kind, const std::string& name) const;

 private:
  explicit CacheFolder(std::string path) : path_(std::move(path)) {}
  std::string fileOf(Kind kind, const std::string& name) const;

  std::string path_;
};

/// `units`, `facts`, `findings`.
const char* nameOf(CacheFolder::Kind kind);

/// Where the cache is: `given`, else $DEADHEAT_CACHE, else `deadheat` in $XDG_CACHE_HOME or ~/.cache. Empty if there is
/// no home.
std::string cachePath(const std::string& given);

/// The name of the entry for `digest`.
std::string entryName(const Digest& digest);

}  // namespace deadheat
