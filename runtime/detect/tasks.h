// Tasks: coroutines, each known by its frame, and fibers (detect/fibers.h), by their stacks. The hooks of
// runtime/abi/tasks.cpp keep their states; reports name them.
//
// A task that nobody reports on costs two look-ups each time it is suspended and resumed. The table grows with the
// tasks that are alive; of those destroyed the last few thousand stay, so that a use after the end is told as what it
// is.
#pragma once

#include "runtime/core.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

using TaskState = protocol::TaskState;

struct Frame;

/// A place in the program: with `pc` 0 there is none. Where a task was resumed, only the innermost frame is kept, which
/// stands as long as the task runs: a resumption looks up no context.
struct TaskPlace {
  ThreadId thread;
  Context context;
  Address pc;
  const Frame* frame = nullptr;
};

/// Its memory stays a Task for ever. Fields are written by whoever runs, resumes or destroys it; reports read them as
/// they are at the moment.
struct Task {
  Address frame;
  std::size_t size;       ///< Of the frame; 0: not known.
  Address entry;          ///< Of a fiber: its function. The frame is its stack.
  std::uint32_t number;   ///< From 1, never used twice.
  std::uint32_t creator;  ///< Number of the task that created it, or 0.
  std::uint32_t stateWord;
  Address suspendedPc;  ///< Where it is suspended, or was last.
  TaskPlace created;
  TaskPlace changed;      ///< Where its state became what it is: resumed or destroyed.
  Task* outer;            ///< Running: the task that ran where this was resumed.
  Task* next;             ///< In its bucket, or of those free.
  bool traced;            ///< The recording of a controlled run tells of it.
  std::uint32_t retired;  ///< Its place among those destroyed, from 1.

  TaskState state() const { return static_cast<TaskState>(__atomic_load_n(&stateWord, __ATOMIC_ACQUIRE)); }
  /// From now on. Returns the state before. Two threads at the very same moment may both be told the old one: which of
  /// them came first is nobody's to say, and what they do to the frame is a race.
  TaskState becomes(TaskState state) {
    TaskState before = this->state();
    __atomic_store_n(&stateWord, static_cast<std::uint32_t>(state), __ATOMIC_RELEASE);
    return before;
  }
};

/// The frame of a coroutine came to life and runs in `self`.
void taskCreated(Thread* self, Address pc, Address frame, std::size_t size);
/// It can be resumed from now on; `final`: it must not be.
void taskSuspends(Thread* self, Address pc, Address frame, bool final);
/// It was not suspended after all.
void taskContinues(Thread* self, Address pc, Address frame);
/// Somebody is about to resume it, or to destroy it.
void taskResumes(Thread* self, Address pc, Address frame);
void taskDestroys(Thread* self, Address pc, Address frame);
/// It goes on in `self`, or ends what it holds.
void taskResumed(Thread* self, Address pc, Address frame);
void taskDestroying(Thread* self, Address pc, Address frame);
/// Its frame is about to be freed.
void taskGone(Thread* self, Address pc, Address frame);

/// The task whose frame lies in [begin, begin + size), also one that was destroyed; null if there is none. Cost: the
/// table.
Task* taskOfMemory(Address begin, std::size_t size);
/// Runs `visit(task, data)` on every task that was not destroyed. Holds the table's lock meanwhile.
void forEachTask(void (*visit)(Task*, void*), void* data);
/// The task whose frame is there and was not destroyed, or null.
Task* taskAt(Address frame);

SpinLock& taskTableLock();

}  // namespace deadheat::rt
