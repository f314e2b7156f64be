// Home-made executors: threads that take callables from a member of their object and run them, and who puts them there.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "analyzers/link/program.h"

namespace deadheat {

/// A callable that was given to a queue.
struct QueuedTask {
  FunctionIndex body = FunctionIndex::None;
  FunctionIndex poster = FunctionIndex::None;  ///< The function that gives it.
  Location location;                           ///< Where it does.
  std::string queue;                           ///< What it calls the object with the queue; empty for `this`.
};

/// A member that holds callables, the thread that runs them, and the functions that put some in.
struct TaskQueue {
  FieldName member;
  FunctionIndex entry = FunctionIndex::None;   ///< The thread starts here.
  FunctionIndex runner = FunctionIndex::None;  ///< The function that runs them.
  bool many = false;                           ///< Several threads do.
  bool runsAtOnce = false;          ///< Some of `posters` calls what it is given, perhaps on the queue's own thread.
  std::set<FunctionIndex> posters;  ///< Methods that put in what they are given, themselves or by others of these.
  std::vector<QueuedTask> tasks;
};

/// All queues of the program, by member. Linear in the events of the program for each queue.
std::vector<TaskQueue> taskQueues(const Program& program);

/// Whether the call at `location` of `f` runs a callable that was taken from a container that is a member.
bool runsQueued(const Program& program, FunctionIndex f, Location location);

/// What the function calls the object that `call` is made on: the variable's or member's own name; empty for `this` and
/// for what has none.
std::string receiverName(const Program& program, const CallSite& call);

}  // namespace deadheat
