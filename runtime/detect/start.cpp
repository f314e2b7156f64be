// Bringing the runtime up, once, before any constructor of the program, and carrying it over a fork.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/detect/cell_chunk.h"
#include "runtime/detect/clock.h"
#include "runtime/detect/context_tree.h"
#include "runtime/detect/fibers.h"
#include "runtime/detect/granule.h"
#include "runtime/detect/misuse.h"
#include "runtime/detect/race_report.h"
#include "runtime/detect/site.h"
#include "runtime/detect/slots.h"
#include "runtime/detect/sync_table.h"
#include "runtime/detect/targeted.h"
#include "runtime/detect/tasks.h"
#include "runtime/detect/thread.h"
#include "runtime/detect/thread_registry.h"
#include "runtime/platform/pages.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"
#include "runtime/record/report_hooks.h"
#include "runtime/record/suppressions.h"
#include "runtime/record/symbols.h"

namespace deadheat::rt {

constinit bool runtimeUp = false;

namespace {

SpinLock* const* globalLocks(std::size_t& count) {
  static SpinLock* locks[11];
  count = 0;
  locks[count++] = &fiberTableLock();
  locks[count++] = &taskTableLock();
  locks[count++] = &threadRegistryLock();
  locks[count++] = &slotsLock();
  locks[count++] = &chunkPoolLock();
  locks[count++] = &clockPoolLock();
  locks[count++] = &contextLock();
  locks[count++] = &syncPoolLock();
  locks[count++] = &recordingLock();
  locks[count++] = &pagesLock();
  locks[count++] = &symbolsLock();
  return locks;
}

}  // namespace

/// Nobody changes a table of ours while the process is copied.
void beforeFork() {
  ++insideDepth;
  locksBeforeFork();  // First: their holders take some of the following.
  std::size_t count = 0;
  SpinLock* const* locks = globalLocks(count);
  for (std::size_t i = 0; i < count; ++i) locks[i]->lock();
}

void afterForkInParent() {
  std::size_t count = 0;
  SpinLock* const* locks = globalLocks(count);
  while (count != 0) locks[--count]->unlock();
  locksAfterFork();
  --insideDepth;
}

void afterForkInChild() {
  std::size_t count = 0;
  SpinLock* const* locks = globalLocks(count);
  while (count != 0) locks[--count]->reset();
  stealOrphanedGranules();
  openOrphanedSyncs();
  recordingForked();
  misuseForked();
  if (Thread* self = ownThread) {
    Thread* fast = fastThread;
    fastThread = nullptr;
    threadsForked(self);
    locksForked(self);
    scheduleForked(self);
    interceptForked(self);
    fastThread = fast;
  }
  --insideDepth;
}

namespace {

/// Runs after every other exit handler, since ours was registered first.
void atExit(int code, void*) {
  int ended = endRecording(code);
  if (ended == code) return;
  ++insideDepth;
  fastThread = nullptr;
  fflush(nullptr);
  _exit(ended);
}

}  // namespace

void initialize() {
  static int state = 0;
  int fresh = 0;
  if (runtimeUp || !__atomic_compare_exchange_n(&state, &fresh, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return;
  ++insideDepth;
  findTargetedBuild();
  reserveAddressSpace();
  setFirstWindow();
  parseOptions();
  readSuppressions();
  openRecording();
  Thread* main = adoptThread();
  findMainStackBounds(main);
  recordModules();
  recordSuppressions();
  findSuppressedLibraries();
  pthread_atfork(beforeFork, afterForkInParent, afterForkInChild);
  on_exit(atExit, nullptr);
  interceptStart();
  scheduleStart();
  if (planActive) tellRelaxedAtomics();
  runtimeUp = true;
  --insideDepth;
  becomeThread(main);
  programBegins();
}

}  // namespace deadheat::rt
