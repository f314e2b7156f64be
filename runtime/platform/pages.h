// Memory for the runtime's own tables: whole pages from the kernel, and small blocks that are never given back.
#pragma once

#include <cstddef>

#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

/// `bytes` (a multiple of 4096) of zeroed memory. Ends the process with one line when there is none.
void* mapPages(std::size_t bytes);
void unmapPages(void* begin, std::size_t bytes);

/// Sets address space aside for when mapPages finds none. Costs nothing; may be refused (ulimit -v).
void reserveAddressSpace();

/// A zeroed block, 16-byte aligned, that lives as long as the process. Takes no lock that user code can hold.
void* allocateForever(std::size_t bytes);

/// Lock of allocateForever; for fork.
SpinLock& pagesLock();

}  // namespace deadheat::rt
