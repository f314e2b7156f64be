// Function values: which functions and callables flow into which pointers, std::functions and parameters.
#pragma once

#include "analyzers/link/body.h"

namespace deadheat {

/// Adds to every indirect call the functions that flow into its target, and to calls through them likewise, until
/// nothing changes. Field-based: all instances of a class share one cell a field. Direct and virtual targets must be
/// set already.
void bindFunctionValues(Bodies& bodies, Tables& tables);

}  // namespace deadheat
