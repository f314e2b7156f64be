// What the kernel says of our threads: the last word before a hang is called a deadlock.
//
// A thread that was woken but has not run yet still says of itself that it is blocked. The kernel knows better: a woken
// thread is runnable from the moment of the wake-up.
#pragma once

#include <cstdint>

namespace deadheat::rt {

int currentTask();

struct TaskState {
  bool asleep;               ///< Sleeping on a futex; false as well when it cannot be told.
  std::uint64_t timesSlept;  ///< Voluntary context switches: equal twice means that it slept all the time between.
  std::uintptr_t futex;      ///< Address of the futex.
};
TaskState taskState(int task);

/// False if this process has no such thread.
bool taskExists(int task);

/// Threads of this process the kernel knows, or -1 when it cannot be told.
long taskCount();

/// True if the program handles a signal that can come from outside, so that a handler may wake its threads. Handlers of
/// faults do not count.
bool handlesSignals();

/// True if `address` lies in memory that other processes may share, so that one of them may wake a waiter.
bool inSharedMemory(std::uintptr_t address);

void sleepMicros(long micros);
/// Lets others run, if there are any.
void giveWay();

}  // namespace deadheat::rt
