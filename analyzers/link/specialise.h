// Specialised functions: where a call passes a constant that decides how the callee locks, the callee is another one.
//
// `void drop(Queue* q, bool locked) { if (locked) unlock(q->lock); … }` is two functions to its callers, and each call
// knows which of them it means. Seen as one, the caller that passes `true` would seem to keep its lock on some ways.
#pragma once

#include "analyzers/link/body.h"

namespace deadheat {

/// Gives every direct call that passes constants to parameters which decide branches, in functions that lie near a lock
/// or a wait, a copy of the callee without the ways that are not taken; through several calls where parameters are
/// handed on. Copies are bounded per function and over the program, and stand at the end of `bodies`. A function of
/// which every use was replaced loses its body. Call once calls are resolved. Linear in calls and in what is copied.
void specialiseCalls(Bodies& bodies, Tables& tables);

}  // namespace deadheat
