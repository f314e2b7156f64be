// What is told of tasks: their records, their stacks, and what is done to them against the rules.
#pragma once

#include "runtime/detect/tasks.h"

namespace deadheat::rt {

/// Something was done to the task, whose state was `before` since `since`, that its rules forbid.
void reportTaskMisuse(Thread* self, Address pc, protocol::MisuseKind kind, Task& task, const TaskPlace& since);
/// The program ends and nobody could resume the task, or it is destroyed waiting for itself.
void reportTaskEnd(Thread* self, protocol::MisuseKind kind, Task& task);
/// Records the task as it is now. Returns its number.
std::uint32_t recordTask(Task& task);
/// Before a report that names `self`: the tasks it is in.
void recordTaskStack(Thread* self);
/// Before a report on memory of the heap: records whose frame it is, and notes its number in the place.
void recordTaskOf(protocol::PlaceInfo& place);
/// Who awaits `task`: whose frame stands in what the task promised; null when that cannot be seen.
Task* awaiterOf(const Task& task);
/// The task is awaited, by way of others or not, by one that it awaits. REQUIRES: its frame is there. Cost: a look at
/// it, and a system call for each of those that await it.
bool awaitsItself(const Task& task);

}  // namespace deadheat::rt
