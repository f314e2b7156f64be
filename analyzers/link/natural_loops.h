// Natural loops: for each block that an edge leads back to, the blocks that may come round to it.
//
// What is waited for inside a loop orders nothing that comes before it in the first turn; it orders what follows the
// loop. So it is kept apart until the loop is left.
#pragma once

#include <vector>

#include "analyzers/link/body.h"

namespace deadheat {

class NaturalLoops {
 public:
  /// `position` is the place of each block in reverse post-order.
  NaturalLoops(const Body& body, const std::vector<std::uint32_t>& position);

  /// Adds what an edge back to `head` brings. The blocks that lead out of the loop, if that is news.
  const std::vector<std::uint32_t>& bringBack(std::uint32_t head, PathSetId acquired, Tables& tables);
  /// What the loops that the edge leaves have gathered.
  PathSetId gatheredBy(std::uint32_t from, std::uint32_t to, Tables& tables) const;

 private:
  struct Loop {
    std::uint32_t head = 0;
    std::vector<bool> blocks;
    std::vector<std::uint32_t> exits;  ///< Blocks with an edge out of it.
    PathSetId gathered = PathSetId::Empty;
  };
  Loop& loopOf(std::uint32_t head);
  std::vector<Loop> loops_;
  std::vector<std::vector<std::uint32_t>> leaving_;  ///< By block: loops with the block among their exits.
};

}  // namespace deadheat
