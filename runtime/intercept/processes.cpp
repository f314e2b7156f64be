// Copies of the process that pthread_atfork does not hear of. fork() itself it does.
#include <sched.h>
#include <unistd.h>

#include <cstdarg>

#include "runtime/intercept/interceptor.h"

using namespace deadheat::rt;

DEADHEAT_INTERCEPT(int, _Fork, ()) {
  if (currentThread() == nullptr) return real__Fork();
  beforeFork();
  int child = real__Fork();
  child == 0 ? afterForkInChild() : afterForkInParent();
  return child;
}

/// The child would run on the parent's stack, in the middle of the runtime's tables: it gets copies instead.
DEADHEAT_INTERCEPT(int, vfork, ()) { return real__Fork.exists() ? _Fork() : fork(); }

namespace {

/// What the child of clone() is to do.
struct ChildCall {
  int (*routine)(void*);
  void* argument;
};

int runChild(void* data) {
  ChildCall call = *static_cast<ChildCall*>(data);
  afterForkInChild();
  return call.routine(call.argument);
}

}  // namespace

/// Only with its own memory is the child a fork; otherwise it is a thread of the program's own, or short-lived as vfork's.
DEADHEAT_INTERCEPT(int, clone, (int (*routine)(void*), void* stack, int flags, void* argument, ...)) {
  va_list rest;
  va_start(rest, argument);
  void* parentId = va_arg(rest, void*);
  void* tls = va_arg(rest, void*);
  void* childId = va_arg(rest, void*);
  va_end(rest);
  if ((flags & CLONE_VM) != 0 || currentThread() == nullptr)
    return real_clone(routine, stack, flags, argument, parentId, tls, childId);
  ChildCall call{routine, argument};
  beforeFork();
  int child = real_clone(runChild, stack, flags, static_cast<void*>(&call), parentId, tls, childId);
  afterForkInParent();
  return child;
}
