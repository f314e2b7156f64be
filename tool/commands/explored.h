// What explorations have to say at their end.
#pragma once

#include <string>

#include "tool/commands/delivery.h"
#include "tool/explore/explore.h"

namespace deadheat {

/// Writes the report of subcommand `command`, and how each failure was found; returns the exit code.
int deliverExplored(const Delivery& delivery, const std::string& command, ExploreResult result, const Console& console);

}  // namespace deadheat
