// Upkeep of the cache: what is in it, and taking away what nobody used for long.
//
// Safe beside running analyses: an entry that goes while it is wanted is made again.
#pragma once

#include <chrono>
#include <cstdint>

#include "tool/cache/cache_folder.h"

namespace deadheat {

struct CacheLimits {
  std::uint64_t bytes = 5ULL << 30;
  std::chrono::seconds age = std::chrono::days(30);  ///< Since an entry was last of use.
};

/// How much there is of one kind of entry.
struct CacheCount {
  std::size_t entries = 0;
  std::uint64_t bytes = 0;
};

struct CacheStats {
  CacheCount units;
  CacheCount facts;
  CacheCount findings;
  std::chrono::seconds oldest{0};  ///< Since the entry unused for longest was of use.
  CacheCount total() const;
};

/// Linear in the number of entries.
CacheStats cacheStats(const CacheFolder& folder);

/// Removes entries older than the limit, then those unused for longest until the rest fits, and what killed runs left in
/// tmp/. Returns what went.
CacheCount collectGarbage(const CacheFolder& folder, const CacheLimits& limits);

/// collectGarbage with the usual limits if nobody did for a day. Call after a run that kept something.
void collectGarbageNowAndThen(const CacheFolder& folder);

}  // namespace deadheat
