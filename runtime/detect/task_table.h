// The table of tasks: by the address of their frames. Finding one takes no lock.
#pragma once

#include "runtime/detect/tasks.h"

namespace deadheat::rt::task_table {

/// The task with this frame, also one that was destroyed; null: none.
Task* find(Address frame);
/// Enters a fresh one, in place of one that had the same frame. Zeroed but for frame and number.
Task* enter(Address frame);
/// The same if `task` is one with this frame that was destroyed and has not left the table yet: then it has a number of
/// its own, and its fields are to be set. Takes no lock. False: it is not.
bool enterAgain(Task& task, Address frame);
/// The task was destroyed: it stays until some thousands more are. Cost: a lock, but not if it was entered again.
void retire(Task* task);
/// The number of the task that was entered last.
std::uint32_t newest();
/// Runs `visit(task, data)` on all, with the table's lock held.
void forEach(void (*visit)(Task*, void*), void* data);

}  // namespace deadheat::rt::task_table
