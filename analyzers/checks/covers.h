// Covers: order between threads that comes from locks their starter holds (see link/frame_covers.cpp).
#pragma once

#include "analyzers/link/program.h"

namespace deadheat {

/// Whether a lock that the starter of one side's thread holds while it runs keeps the other out, or the lock under
/// which the thread was started lets it come to its access only after the other.
bool areApartByStarter(const Scope& scope, const SharedAccess& a, const SharedAccess& b, const Tables& tables);

}  // namespace deadheat
