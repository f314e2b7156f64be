// What code compiled with our pass plugin tells of coroutines (plugin/coroutines.cpp). Each hook is named for what
// happens next, or has just happened, to the coroutine with the frame. `task` is what its creation returned, which the
// coroutine keeps; null where its frame is a part of its caller's.
#include "runtime/detect/tasks.h"

#include "runtime/abi/export.h"
#include "runtime/detect/thread.h"

using namespace deadheat::rt;

namespace {

/// Who drives a task decides what happens next, as who takes a lock does.
void announce(Thread* self, Address pc, Operation operation, Address frame) {
  if (scheduleControlled) scheduleAnnounce(self, pc, operation, frame);
}

Thread* caller() { return fastThread != nullptr ? fastThread : currentThread(); }

}  // namespace

DEADHEAT_EXPORT Task* __deadheat_coroutine_created(void* frame, std::size_t size) {
  Thread* self = caller();
  return self != nullptr ? taskCreated(self, DEADHEAT_PC, addressIn(frame), size) : nullptr;
}
DEADHEAT_EXPORT void __deadheat_coroutine_suspends(void* frame, Task* task, std::size_t final) {
  Thread* self = caller();
  if (self == nullptr) return;
  announce(self, DEADHEAT_PC, Operation::Arrive, addressIn(frame));
  if (task != nullptr) taskSuspends(self, DEADHEAT_PC, *task, final != 0);
}
DEADHEAT_EXPORT void __deadheat_coroutine_continues(void*, Task* task) {
  Thread* self = task != nullptr ? caller() : nullptr;
  if (self != nullptr) taskResumed(self, DEADHEAT_PC, *task);
}
DEADHEAT_EXPORT void __deadheat_coroutine_resumes(void* frame) {
  Thread* self = caller();
  if (self == nullptr) return;
  announce(self, DEADHEAT_PC, Operation::Wake, addressIn(frame));
  taskResumes(self, DEADHEAT_PC, addressIn(frame));
}
DEADHEAT_EXPORT void __deadheat_coroutine_destroys(void* frame) {
  Thread* self = caller();
  if (self == nullptr) return;
  announce(self, DEADHEAT_PC, Operation::Free, addressIn(frame));
  taskDestroys(self, DEADHEAT_PC, addressIn(frame));
}
DEADHEAT_EXPORT void __deadheat_coroutine_resumed(void*, Task* task) {
  Thread* self = task != nullptr ? caller() : nullptr;
  if (self == nullptr) return;
  if (scheduleControlled && task->state() != TaskState::Destroyed) scheduleResumed(self, *task);
  taskResumed(self, DEADHEAT_PC, *task);
}
DEADHEAT_EXPORT void __deadheat_coroutine_destroying(void* frame) {
  if (Thread* self = caller()) taskDestroying(self, DEADHEAT_PC, addressIn(frame));
}
DEADHEAT_EXPORT void __deadheat_coroutine_gone(void* frame) {
  if (Thread* self = caller()) taskGone(self, DEADHEAT_PC, addressIn(frame));
}
