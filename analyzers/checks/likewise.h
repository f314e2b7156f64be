// Likewise: what two threads do to several members of one object on one and the same way is one bug, and told once.
#pragma once

#include <vector>

#include "analyzers/findings/finding.h"

namespace deadheat {

/// `findings` with those made one that differ in their subject only: data races and locks that end too early whose
/// threads come there by the same calls, and locals of one function that one thread may outlive, all as sure. The first
/// tells the story; the others' subjects and places are added to it. Keeps the order. O(n log n) in the findings.
std::vector<Finding> oneForEachWay(std::vector<Finding> findings);

}  // namespace deadheat
