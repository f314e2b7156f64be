// Misuse of things that are no locks: threads, handlers of signals, promises.
#pragma once

#include "runtime/core.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

/// Every thread that ended and was not joined or detached, one report a place of creation. At the program's end.
void reportThreadLeaks();
/// In the child of a fork.
void misuseForked();
/// A call that a handler must not make.
void reportUnsafeInHandler(Thread* self, Address pc);
/// The handler of `signal` at `handler` left another errno.
void reportErrnoChanged(Thread* self, int signal, Address handler);
/// `self` joins or detaches a thread that was joined or detached before, or that another thread is joining.
void reportJoinedTwice(Thread* self, Address pc);
/// Where a promise was destroyed that had given no result.
struct PromiseEnd {
  ThreadId thread;
  Context context;
  Address pc;
};
/// `self` asks for that result.
void reportBrokenPromise(Thread* self, Address pc, const PromiseEnd& end);
/// `self` uses a promise or future against its rules, where a plan says so.
void reportResultMisused(Thread* self, Address pc, protocol::MisuseKind kind);
/// `self` ends and its accesses are ignored since a request it did not take back.
void reportEndedIgnoring(Thread* self);

}  // namespace deadheat::rt
