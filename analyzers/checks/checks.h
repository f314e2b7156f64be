// The check functions, one a file; checks.cpp makes rows of them.
#pragma once

#include <vector>

#include "analyzers/checks/check.h"

namespace deadheat {

std::vector<Finding> checkDataRace(const Program& program);
std::vector<Finding> checkDoubleLock(const Program& program);
std::vector<Finding> checkLockOrder(const Program& program);

}  // namespace deadheat
