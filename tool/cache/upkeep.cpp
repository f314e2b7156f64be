#include "tool/cache/upkeep.h"

#include <algorithm>
#include <string>
#include <vector>

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

namespace deadheat {
namespace {

using Clock = std::chrono::system_clock;

/// What is in tmp/ for longer belongs to nobody any more.
constexpr std::chrono::seconds kAbandoned = std::chrono::hours(6);
constexpr std::chrono::seconds kUpkeepEvery = std::chrono::days(1);

struct EntryFile {
  Clock::time_point used;
  std::uint64_t bytes;
  std::string path;
};

/// All files below `folder`. Files that vanish meanwhile are passed over.
std::vector<EntryFile> filesBelow(const std::string& folder) {
  std::vector<EntryFile> files;
  std::error_code code;
  for (llvm::sys::fs::recursive_directory_iterator each(folder, code), end; !code && each != end;
       each.increment(code)) {
    auto status = each->status();
    if (!status || status->type() != llvm::sys::fs::file_type::regular_file) continue;
    auto used = std::chrono::time_point_cast<Clock::duration>(status->getLastModificationTime());
    files.push_back({used, status->getSize(), each->path()});
  }
  return files;
}

/// The folders of entries that have become empty.
void removeEmptyFolders(const std::string& folder) {
  std::vector<std::string> folders;
  std::error_code code;
  for (llvm::sys::fs::recursive_directory_iterator each(folder, code), end; !code && each != end;
       each.increment(code))
    if (each->type() == llvm::sys::fs::file_type::directory_file) folders.push_back(each->path());
  // Folders before what is in them; those not empty stay.
  for (auto each = folders.rbegin(); each != folders.rend(); ++each) llvm::sys::fs::remove(*each);
}

std::chrono::seconds ageOf(Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - time);
}

void take(const EntryFile& file, CacheCount& gone) {
  if (llvm::sys::fs::remove(file.path)) return;
  ++gone.entries;
  gone.bytes += file.bytes;
}

}  // namespace

CacheCount CacheStats::total() const {
  return {units.entries + facts.entries + findings.entries, units.bytes + facts.bytes + findings.bytes};
}

CacheStats cacheStats(const CacheFolder& folder) {
  CacheStats stats;
  CacheCount* counts[] = {&stats.units, &stats.facts, &stats.findings};
  for (std::size_t kind = 0; kind < std::size(counts); ++kind)
    for (const EntryFile& file : filesBelow(folder.pathOf(CacheFolder::kKinds[kind]))) {
      ++counts[kind]->entries;
      counts[kind]->bytes += file.bytes;
      stats.oldest = std::max(stats.oldest, ageOf(file.used));
    }
  return stats;
}

CacheCount collectGarbage(const CacheFolder& folder, const CacheLimits& limits) {
  std::vector<EntryFile> files;
  for (CacheFolder::Kind kind : CacheFolder::kKinds)
    for (EntryFile& file : filesBelow(folder.pathOf(kind))) files.push_back(std::move(file));
  std::sort(files.begin(), files.end(), [](const EntryFile& a, const EntryFile& b) { return a.used < b.used; });
  std::uint64_t bytes = 0;
  for (const EntryFile& file : files) bytes += file.bytes;
  CacheCount gone;
  for (const EntryFile& file : files) {
    if (ageOf(file.used) <= limits.age && bytes <= limits.bytes) break;
    take(file, gone);
    bytes -= file.bytes;
  }
  for (const EntryFile& file : filesBelow(folder.temporaryPath()))
    if (ageOf(file.used) > kAbandoned) take(file, gone);
  for (CacheFolder::Kind kind : CacheFolder::kKinds) removeEmptyFolders(folder.pathOf(kind));
  return gone;
}

void collectGarbageNowAndThen(const CacheFolder& folder) {
  const std::string stamp = folder.path() + "/last-gc";
  llvm::sys::fs::file_status status;
  if (!llvm::sys::fs::status(stamp, status) &&
      ageOf(std::chrono::time_point_cast<Clock::duration>(status.getLastModificationTime())) < kUpkeepEvery)
    return;
  std::error_code code;
  llvm::raw_fd_ostream(stamp, code) << "\n";
  collectGarbage(folder, {});
}

}  // namespace deadheat
