#include "runtime/detect/memory_place.h"

#include "runtime/detect/blocks.h"
#include "runtime/detect/descriptors.h"
#include "runtime/detect/object_heap.h"
#include "runtime/detect/thread.h"

namespace deadheat::rt {
namespace {

struct ThreadSearch {
  Address address;
  protocol::PlaceInfo* info;
};

void visit(Thread* thread, void* data) {
  const auto* search = static_cast<ThreadSearch*>(data);
  Address at = search->address;
  bool local = at >= thread->tlsLow && at < thread->tlsHigh;
  if (!local && !(at >= thread->stackLow && at < thread->stackHigh)) return;
  search->info->thread = thread->id;
  search->info->place = local ? protocol::Place::ThreadLocal : protocol::Place::Stack;
}

}  // namespace

MemoryPlace::MemoryPlace(Address address) {
  info.thread = kNoThread;
  if (DescriptorInfo descriptor; findDescriptor(address, descriptor)) {
    info.place = descriptor.closed ? protocol::Place::ClosedFile : protocol::Place::OpenedFile;
    info.address = static_cast<Address>(descriptor.descriptor);
    info.thread = descriptor.thread;
    context = descriptor.context;
    pc = descriptor.pc;
  } else if (BlockInfo block; findObject(address, block) || findBlock(address, block)) {
    info.place = protocol::Place::Heap;
    info.address = block.begin;
    info.size = block.size;
    info.thread = block.thread;
    context = block.context;
    pc = block.pc;
  } else {
    ThreadSearch search{address, &info};
    forEachThread(visit, &search);
  }
  info.hasStack = pc != 0 ? 1 : 0;
}

}  // namespace deadheat::rt
