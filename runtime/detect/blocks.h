// Which block of the heap an address lies in, and who allocated it.
//
// The record of a block lies in the shadow of the 8 bytes before it: there the C library keeps the block's size, which
// no program touches. So malloc costs two stores here instead of a table with a lock. Where an allocator packs blocks
// without a header, those bytes are in use, and the block simply has no record.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

struct BlockInfo {
  Address begin;
  std::size_t size;
  ThreadId thread;
  Context context;
  Address pc;
};

void rememberBlock(const Thread* self, Address pc, Address begin, std::size_t size);
/// The block around `address`, also one that was freed since. False when there is none. Cost: its size; for reports.
bool findBlock(Address address, BlockInfo& out);

}  // namespace deadheat::rt
