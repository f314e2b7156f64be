// The tree of calling contexts: every call stack any thread ever had, each in 32 bits.
//
// A node is (parent, return address); 0 is the root, an empty stack. Nodes are made once, found through a hash without
// a lock and never go away. Recursion would make a tree without end, so a call from an address that is already twice
// among the nearest callers leads back to the nearer of them: its cycles are written in a stack once or twice, not a
// thousand times.
#pragma once

#include "runtime/core.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

/// The context of a function called from `returnAddress` in `parent`. Any thread. Cost: a hash look-up.
Context childContext(Context parent, Address returnAddress);
/// The context a node was called from, and from where; root when there is no node.
Context parentContext(Context context, Address& returnAddress);
/// Nodes so far.
std::uint32_t contextCount();
/// For fork.
SpinLock& contextLock();

}  // namespace deadheat::rt
