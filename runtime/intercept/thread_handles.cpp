#include "runtime/intercept/thread_handles.h"

#include "runtime/detect/mix.h"
#include "runtime/platform/growing_array.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {
namespace {

struct Entry {
  pthread_t handle;  ///< 0: never used; handles are addresses.
  ThreadId id;       ///< kNoThread: forgotten.
};

SpinLock tableLock;
GrowingArray<Entry> table;  ///< Open addressing; its size is a power of two.
std::size_t used;

Entry* slotOf(pthread_t handle) {
  std::size_t mask = table.size() - 1;
  std::size_t i = mix(handle) & mask;
  while (table[i].handle != 0 && table[i].handle != handle) i = (i + 1) & mask;
  return &table[i];
}

void grow() {
  GrowingArray<Entry> old = table;
  table = {};
  table.resize(old.size() == 0 ? 256 : old.size() * 2);
  used = 0;
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (old[i].handle == 0 || old[i].id == kNoThread) continue;
    *slotOf(old[i].handle) = old[i];
    ++used;
  }
  old.free();
}

}  // namespace

void rememberHandle(pthread_t handle, ThreadId id) {
  SpinGuard guard(tableLock);
  if (used * 2 >= table.size()) grow();
  Entry* slot = slotOf(handle);
  if (slot->handle == 0) ++used;
  *slot = {handle, id};
}

ThreadId threadOfHandle(pthread_t handle) {
  SpinGuard guard(tableLock);
  return table.size() == 0 ? kNoThread : slotOf(handle)->handle == 0 ? kNoThread : slotOf(handle)->id;
}

void forgetHandle(pthread_t handle, ThreadId id) {
  SpinGuard guard(tableLock);
  if (table.size() == 0) return;
  Entry* entry = slotOf(handle);
  if (entry->handle != 0 && entry->id == id) entry->id = kNoThread;
}

bool handleIsSpent(pthread_t handle) {
  SpinGuard guard(tableLock);
  if (table.size() == 0) return false;
  const Entry* entry = slotOf(handle);
  return entry->handle != 0 && entry->id == kNoThread;
}

void resetHandlesAfterFork() { tableLock.reset(); }

}  // namespace deadheat::rt
