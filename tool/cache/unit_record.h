// What became of one translation unit, and the cache's memory of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyzers/extract/extract.h"
#include "analyzers/extract/source_files.h"
#include "tool/cache/cache_folder.h"

namespace deadheat {

/// The outcome of one extraction, without the facts themselves.
struct UnitRecord {
  bool hasFacts = false;
  Digest facts;                           ///< Of the archive; the name of the facts in the cache.
  std::uint32_t functions = 0;
  bool parsed = false;                    ///< As Extraction::parsed.
  std::string failure;                    ///< One line: why it was not parsed; empty if it was.
  std::vector<std::string> droppedFlags;  ///< As Extraction::droppedFlags.
  std::vector<std::string> usedModels;    ///< As TuFacts::usedModels.
  auto operator<=>(const UnitRecord&) const = default;
};

/// For pipes and cache entries.
std::string encode(const UnitRecord& record);
std::optional<UnitRecord> decodeUnitRecord(llvm::StringRef bytes);

/// Finds units by the digest of all that went in. The disk is asked through `files`, so that a file that many units
/// include is read once.
class UnitCache {
 public:
  /// `general` stands for what goes into every unit: the tool, its front end, the models.
  UnitCache(CacheFolder folder, const Digest& general) : folder_(std::move(folder)), general_(general) {}

  const CacheFolder& folder() const { return folder_; }
  /// The record of an extraction that had the same command and inputs, if its facts are there too.
  std::optional<UnitRecord> find(const CompileCommand& command, SourceFiles& files) const;
  /// Keeps facts and record. Returns the record; the error is the disk's.
  llvm::Expected<UnitRecord> keep(const CompileCommand& command, const Extraction& extraction) const;
  /// The archive (facts/archive.h) of a record's facts.
  std::optional<std::string> facts(const UnitRecord& record) const;

 private:
  std::string nameOf(const CompileCommand& command) const;

  CacheFolder folder_;
  Digest general_;
};

}  // namespace deadheat
