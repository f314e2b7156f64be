#include "runtime/detect/tasks.h"

#include "runtime/detect/task_reports.h"
#include "runtime/detect/task_table.h"
#include "runtime/detect/thread.h"

unsigned char __deadheat_gone_tasks[1 << 20];

namespace deadheat::rt {
namespace {

using protocol::MisuseKind;

Task*& handOf(Thread* self, Address frame) {
  return self->tasksAtHand[(frame >> 4 ^ frame >> 10) % Thread::kTasksAtHand];
}

/// The task with this frame, or null. Cost: mostly a look at what the thread used last.
Task* taskWith(Thread* self, Address frame) {
  Task*& atHand = handOf(self, frame);
  if (atHand != nullptr && __atomic_load_n(&atHand->frame, __ATOMIC_ACQUIRE) == frame) return atHand;
  Task* found = task_table::find(frame);
  if (found != nullptr) atHand = found;
  return found;
}

void enterTask(Thread* self, Task& task) {
  task.outer = self->running == &task ? task.outer : self->running;
  self->running = &task;
}

void leaveTask(Thread* self, const Task& task) {
  if (self->running == &task) self->running = task.outer;
}

/// A fresh state since here, in this thread.
void changes(Thread* self, Task& task, Address pc) { task.changed = {self->id, currentContext(self), pc}; }

unsigned char& goneFlag(Address frame) {
  return __deadheat_gone_tasks[frame >> 4 & (sizeof(__deadheat_gone_tasks) - 1)];
}

}  // namespace

Task* taskCreated(Thread* self, Address pc, Address frame, std::size_t size) {
  RuntimeScope scope;
  Task* before = taskWith(self, frame);
  Task& task = before != nullptr && task_table::enterAgain(*before, frame) ? *before : *task_table::enter(frame);
  handOf(self, frame) = &task;
  goneFlag(frame) = 0;
  task.size = size;
  task.creator = self->running != nullptr ? self->running->number : 0;
  task.created = task.changed = {self->id, currentContext(self), pc};
  task.becomes(TaskState::Running);
  enterTask(self, task);
  return &task;
}

void taskSuspends(Thread* self, Address pc, Task& task, bool final) {
  leaveTask(self, task);
  task.suspendedPc = pc;
  task.becomes(final ? TaskState::Ended : TaskState::Suspended);
}

void taskResumed(Thread* self, Address pc, Task& task) {
  if (task.becomes(TaskState::Running) == TaskState::Running)
    reportTaskMisuse(self, pc, MisuseKind::TaskResumedRunning, task, task.changed);
  task.changed = {self->id, 0, pc, self->calls.top - 1};
  enterTask(self, task);
}

void taskResumes(Thread* self, Address pc, Address frame) {
  Task* task = taskWith(self, frame);
  if (task == nullptr) return;
  TaskState state = task->state();
  if (state == TaskState::Ended)
    reportTaskMisuse(self, pc, MisuseKind::TaskResumedEnded, *task, {0, 0, task->suspendedPc});
  if (state == TaskState::Destroyed) reportTaskMisuse(self, pc, MisuseKind::TaskResumedDestroyed, *task, task->changed);
}

void taskDestroys(Thread* self, Address pc, Address frame) {
  Task* task = taskWith(self, frame);
  if (task == nullptr) return;
  TaskState state = task->state();
  if (state == TaskState::Running) reportTaskMisuse(self, pc, MisuseKind::TaskDestroyedRunning, *task, task->changed);
  if (state == TaskState::Destroyed || state == TaskState::Destroying)
    reportTaskMisuse(self, pc, MisuseKind::TaskDestroyedTwice, *task, task->changed);
  if (state == TaskState::Suspended && awaitsItself(*task)) reportTaskEnd(self, MisuseKind::TaskCycle, *task);
}

void taskDestroying(Thread* self, Address pc, Address frame) {
  Task* task = taskWith(self, frame);
  if (task == nullptr) return;
  task->becomes(TaskState::Destroying);
  changes(self, *task, pc);
  enterTask(self, *task);
}

void taskGone(Thread* self, Address pc, Address frame) {
  Task* task = taskWith(self, frame);
  if (task == nullptr || task->state() == TaskState::Destroyed) return;
  RuntimeScope scope;
  leaveTask(self, *task);
  goneFlag(frame) = 1;
  if (task->state() == TaskState::Running) changes(self, *task, pc);
  task->becomes(TaskState::Destroyed);
  task_table::retire(task);
}

Task* taskAt(Address frame) {
  Task* task = task_table::find(frame);
  return task != nullptr && task->state() != TaskState::Destroyed ? task : nullptr;
}

Task* taskOfMemory(Address begin, std::size_t size) {
  struct Search {
    Address begin;
    std::size_t size;
    Task* found;
    static void visit(Task* task, void* data) {
      auto* search = static_cast<Search*>(data);
      if (task->frame - search->begin < search->size) search->found = task;
    }
  } search{begin, size, nullptr};
  task_table::forEach(&Search::visit, &search);
  return search.found;
}

void forEachTask(void (*visit)(Task*, void*), void* data) {
  struct Living {
    void (*visit)(Task*, void*);
    void* data;
    static void filter(Task* task, void* data) {
      auto* living = static_cast<Living*>(data);
      if (task->state() != TaskState::Destroyed) living->visit(task, living->data);
    }
  } living{visit, data};
  task_table::forEach(&Living::filter, &living);
}

}  // namespace deadheat::rt
