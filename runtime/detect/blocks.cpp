#include "runtime/detect/blocks.h"

#include "runtime/detect/granule.h"
#include "runtime/detect/site.h"
#include "runtime/detect/thread.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kPagesSearched = 1 << 16;

bool isBlock(Key key) { return key != 0 && slotOf(key) == kBlockSlot; }

bool readBlock(Region* region, Address header, Address address, BlockInfo& out) {
  GranuleRef granule(region, granuleIndex(header));
  Key key = lockGranule(granule);
  StackWord stack = granule.stack();
  auto thread = static_cast<ThreadId>(granule.stack(1));
  unlockGranule(granule, key);
  if (!isBlock(key)) return false;
  out = {header + kGranuleBytes, epochOf(key), thread, static_cast<Context>(stack),
         pcOfSite(static_cast<Site>(stack >> 32))};
  return address - out.begin < out.size;
}

}  // namespace

void rememberBlock(const Thread* self, Address pc, Address begin, std::size_t size) {
  if (begin % kGranuleBytes != 0 || begin < kGranuleBytes) return;
  Address header = begin - kGranuleBytes;
  Region* region = regionFor(header);
  touchPage(region, header);
  GranuleRef granule(region, granuleIndex(header));
  // No other thread has any business there, so no lock.
  Key first = __atomic_load_n(granule.key(), __ATOMIC_RELAXED);
  if (first != 0 && !isBlock(first)) return;
  granule.stack() = StackWord{siteOf(pc)} << 32 | currentContext(self);
  granule.stack(1) = self->id;
  unlockGranule(granule, makeKey(kBlockSlot, size <= kMaxEpoch ? size : kMaxEpoch));
}

bool findBlock(Address address, BlockInfo& out) {
  Address at = (address & ~(kGranuleBytes - 1)) - kGranuleBytes;
  for (std::size_t page = 0; page < kPagesSearched; ++page) {
    Address pageBegin = at & ~(kShadowPage - 1);
    Region* region = regionAt(at);
    for (; pageTouched(region, pageBegin) && at >= pageBegin; at -= kGranuleBytes)
      if (isBlock(__atomic_load_n(GranuleRef(region, granuleIndex(at)).key(), __ATOMIC_RELAXED)))
        return readBlock(region, at, address, out);
    if (pageBegin == 0) return false;
    at = pageBegin - kGranuleBytes;
  }
  return false;
}

}  // namespace deadheat::rt
