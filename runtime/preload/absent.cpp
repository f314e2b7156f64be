// Parts of the runtime that the library does without: plans, the program's own hooks, shadow memory.
#include <ctime>

#include "runtime/detect/cell_chunk.h"
#include "runtime/detect/fibers.h"
#include "runtime/detect/granule.h"
#include "runtime/detect/site.h"
#include "runtime/detect/sync_table.h"
#include "runtime/detect/targeted.h"
#include "runtime/detect/stranded_tasks.h"
#include "runtime/detect/task_reports.h"
#include "runtime/detect/tasks.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/rebinding.h"
#include "runtime/intercept/run_clock.h"
#include "runtime/record/report_hooks.h"

namespace deadheat::rt {

bool planActive = false;
void rebindCalls() {}  // Fibers are not seen.
constinit bool targetedBuild = false;
void findTargetedBuild() {}
void tellRelaxedAtomics() {}
constinit Context (*CallStack::readContext)(CallStack&) = nullptr;
bool scheduleAwaited = false;
void scheduleAwait() {}
void planLock(Thread*, Address, Address) {}
void scheduleStart() {}
void scheduleForked(Thread*) {}
// scheduleControlled is false here, so none of the following is ever called.
void scheduleAnnounce(Thread*, Address, Operation, Address) {}
void scheduleResumed(Thread*, Task&) {}
void scheduleBegin(Thread*) {}
void scheduleFinish(Thread*) {}
void scheduleEnd(ThreadId) {}
void scheduleMapped(Address, std::size_t) {}
void scheduleCreated(Thread*) {}
void scheduleCreateFailed(Thread*) {}
bool scheduleIsAlive(ThreadId) { return true; }
bool scheduleWait(Thread*, Address, const Resource&, RunTime) { return true; }
bool scheduleWaitOutside(Thread*, Address, bool (*)(void*), void*, RunTime) { return true; }
std::size_t scheduleWake(Thread*, Address, std::size_t) { return 0; }
RunTime runTimeAt(clockid_t, const timespec&) { return kNever; }
RunTime runTimeIn(const timespec&) { return kNever; }

void notifyReport(void*) {}
void programBegins() {}
bool programEnds(bool failed) { return failed; }
void blockingRegion(bool) {}

void setFirstWindow() {}
void giveStashBack() {}
void recordTaskStack(Thread*) {}
std::uint32_t recordTask(Task&) { return 0; }
void forEachTask(void (*)(Task*, void*), void*) {}
void reportStrandedTasks() {}
SpinLock& chunkPoolLock() {
  static SpinLock lock;
  return lock;
}
SpinLock& fiberTableLock() {
  static SpinLock lock;
  return lock;
}
SpinLock& taskTableLock() {
  static SpinLock lock;
  return lock;
}
SpinLock& syncPoolLock() {
  static SpinLock lock;
  return lock;
}
void stealOrphanedGranules() {}
void orphansAmongOthers() {}
void openOrphanedSyncs() {}

}  // namespace deadheat::rt
