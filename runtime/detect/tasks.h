// Tasks: coroutines, each known by its frame, and fibers (detect/fibers.h), by their stacks. The hooks of
// runtime/abi/tasks.cpp keep their states; reports name them.
//
// A coroutine keeps its task in its frame, so that a suspension and a resumption look nothing up: code compiled with
// our pass plugin has them in line (plugin/inline_tasks.cpp), and relies on the layout of Task's beginning. The table
// grows with the tasks that are alive; of those destroyed the last few thousand stay, so that a use after the end is
// told as what it is.
#pragma once

#include <cstddef>

#include "runtime/core.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/protocol.h"

/// Not 0 at bits 4 to 23 of a frame's address: a task with that frame, or with one that is the same there, was
/// destroyed, and none created since. Code in line asks it before it resumes somebody.
extern "C" __attribute__((visibility("default"))) unsigned char __deadheat_gone_tasks[1 << 20];

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
  std::uint32_t stateWord;
  std::uint32_t number;  ///< From 1, never used twice.
  Address suspendedPc;   ///< Where it is suspended, or was last.
  Task* outer;           ///< Running: the task that ran where this was resumed.
  TaskPlace changed;     ///< Where its state became what it is: resumed or destroyed.
  Address frame;
  std::size_t size;       ///< Of the frame; 0: not known.
  Address entry;          ///< Of a fiber: its function. The frame is its stack.
  std::uint32_t creator;  ///< Number of the task that created it, or 0.
  TaskPlace created;
  Task* next;             ///< In its bucket, or of those free.
  bool traced;            ///< The recording of a controlled run tells of it.
  bool again;             ///< Was created anew, with the same frame, since it came among those destroyed.
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

static_assert(offsetof(Task, stateWord) == 0 && offsetof(Task, suspendedPc) == 8 && offsetof(Task, outer) == 16);
static_assert(offsetof(Task, changed) == 24 && offsetof(TaskPlace, pc) == 8 && offsetof(TaskPlace, frame) == 16);

/// The frame of a coroutine came to life and runs in `self`.
Task* taskCreated(Thread* self, Address pc, Address frame, std::size_t size);
/// It can be resumed from now on; `final`: it must not be.
void taskSuspends(Thread* self, Address pc, Task& task, bool final);
/// It was not suspended after all, or goes on in `self`.
void taskResumed(Thread* self, Address pc, Task& task);
/// Somebody is about to resume the task with this frame, or to destroy it.
void taskResumes(Thread* self, Address pc, Address frame);
void taskDestroys(Thread* self, Address pc, Address frame);
/// It ends what it holds.
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
