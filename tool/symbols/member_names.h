// Which member of which class an access to unnamed memory (heap, stack) touches: what the source lines mention, held
// against the classes in the debug information. A name for people, not evidence.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"

namespace deadheat {

/// A place in the source that uses the memory, and the function it is in.
struct MemoryUse {
  SourcePoint point;
  std::string function;
};

/// Where in which allocated block the memory is.
struct BlockPart {
  std::uint64_t offset = 0;
  std::uint64_t blockSize = 0;
};

class MemberNames {
 public:
  MemberNames();
  ~MemberNames();

  /// `PriceCache::hits_`: the one member that all the uses' lines mention and that fits: large enough for `size` bytes (0:
  /// a lock, any size), and in its place if the memory is part of a block that holds such an object. Empty when none fits
  /// or several do. Cost: the first call reads all classes of the module.
  std::string find(const std::string& modulePath, const std::vector<MemoryUse>& uses, std::uint64_t size,
                   std::optional<BlockPart> part);

 private:
  struct Module;
  Module& module(const std::string& path);
  std::map<std::string, std::unique_ptr<Module>> modules_;
};

/// The names that a line of a source file mentions, comments and literals left out.
struct LineNames {
  std::vector<std::string> all;
  std::string atColumn;  ///< The one at the point's column; empty if none begins there.
  std::string calledOn;  ///< The one before it: `queue` where the column is at `pop` of `queue.pop()`.
};

/// Empty when the file cannot be read.
LineNames namesAt(const SourcePoint& point);

}  // namespace deadheat
