// Handles and other names that may go through an element of a container: when two count as the same.
#pragma once

#include "analyzers/link/tables.h"

namespace deadheat {

/// Whether `a` and `b` are equal, or differ only in element indices that are not different constants. An opaque name
/// stands for every object that has a field like the one it hides.
/// Whether joining `handle` joins every thread that goes by `name`: `t[3]` is only one of those at `t[i]`.
bool joinsAll(const PathTable& paths, PathId handle, PathId name);

bool sameHandle(const PathTable& paths, PathId a, PathId b);

}  // namespace deadheat
