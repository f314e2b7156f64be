// Objects of a virtual machine's heap (abi/java.cpp), which has no headers a record could lie in (detect/blocks.h).
#pragma once

#include "runtime/core.h"
#include "runtime/detect/blocks.h"

namespace deadheat::rt {

/// Objects begin at multiples of 8 in [begin, begin + size) from now on.
void objectHeapBegins(Address begin, std::size_t size);
void rememberObject(const BlockInfo& object);
/// Those that begin in the range.
void forgetObjects(Address begin, std::size_t size);
/// The objects that begin in [from, from + size) are at the same distance from `to` now, also where the ranges overlap.
void moveObjects(Address from, Address to, std::size_t size);
/// The first that begins in [from, to). False when there is none.
bool firstObject(Address from, Address to, BlockInfo& out);
/// The one `address` lies in.
bool findObject(Address address, BlockInfo& out);

}  // namespace deadheat::rt
