// The verbs of memory and of order by objects, where nobody looks at accesses: they do nothing.
#include "runtime/core.h"
#include "runtime/detect/memory_place.h"
#include "runtime/detect/sync.h"

namespace deadheat::rt {

void memoryAccess(Thread*, Address, Address, std::size_t, std::uint32_t) {}
void memoryAllocated(Thread*, Address, Address, std::size_t) {}
void memoryMapped(Thread*, Address, Address, std::size_t) {}
void memoryFreed(Thread*, Address, Address, std::size_t) {}
void memoryForgotten(Address, std::size_t) {}

void acquire(Thread*, Address) {}
void release(Thread*, Address) {}
void releaseStore(Thread*, Address) {}
void acquireRelease(Thread*, Address) {}
void acquireEverything(Thread*) {}
void syncDestroy(Thread*, Address) {}
void syncDestroyRange(Address, std::size_t) {}
void nextEpoch(Thread*) {}
void nextPart(Thread*) {}

MemoryPlace::MemoryPlace(Address) { info.thread = kNoThread; }

}  // namespace deadheat::rt
