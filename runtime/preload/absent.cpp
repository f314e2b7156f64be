// Parts of the runtime that the library does without: plans, the program's own hooks, shadow memory.
#include "runtime/detect/cell_chunk.h"
#include "runtime/detect/granule.h"
#include "runtime/detect/sync_table.h"
#include "runtime/detect/thread.h"
#include "runtime/record/report_hooks.h"

namespace deadheat::rt {

bool planActive = false;
void planLock(Thread*, Address, Address) {}
void scheduleStart() {}
void scheduleForked(Thread*) {}

void notifyReport(void*) {}
void programBegins() {}
bool programEnds(bool failed) { return failed; }
void blockingRegion(bool) {}

SpinLock& chunkPoolLock() {
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
