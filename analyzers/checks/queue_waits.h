// Tasks that wait for another task in the queue that they came from: a part of future-deadlock.
#pragma once

#include <string_view>
#include <vector>

#include "analyzers/findings/finding.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// Adds findings of `check` for waits that only the queue's own threads could end. The future is followed within the
/// function that put the other task in; queues are told apart by the name that their object goes by.
void findQueueWaits(const Program& program, std::string_view check, std::vector<Finding>& findings);

}  // namespace deadheat
