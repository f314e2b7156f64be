// Objects with several owners, counted by code of a library that is not instrumented: shared states, exceptions, locales,
// the texts of exceptions, and whatever other libraries count. The last owner ends the object, and comes after all others
// by a count that nobody sees.
//
// Where libstdc++ gives a reference back through a function of its interface, that is done here, in sight (gaveBack). Where
// all that is seen is that a library frees a block, it is taken to come after every use so far (mayCountOwners); a use
// after it is one of freed memory all the same.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// Gives one reference to `object`, counted in `*count`, back, after everything self did so far. False if it is the last:
/// then it is still the caller's to give back, and self comes after all who gave back theirs.
bool gaveBack(Thread* self, Address object, int* count);

/// True if a block freed by the code at `returnAddress` may have had several owners: it is a library's that is not
/// instrumented. False for std::string's functions, whose blocks have one. Cost, the first time: a search for a symbol.
bool mayCountOwners(Address returnAddress);

}  // namespace deadheat::rt
