// Between the plan and the engine of controlled runs (core.h has what interceptors say to it).
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// Begins a controlled run by the plan. The calling thread is the only one.
void startControl();
/// In the child of a fork: it runs free.
void stopControl();
/// A memory access that is a point.
void controlAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags);

}  // namespace deadheat::rt
