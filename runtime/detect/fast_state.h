// The check of a repeated access as short as it can be: what code compiled with our pass plugin has in line
// (plugin/inline_checks.cpp writes the same in LLVM's terms), and the out-of-line hooks begin with.
//
// A thread keeps ready what its repeated access would have left in the shadow: of all 8 bytes, once as a read, once as
// a write. The first key of the granule agrees with that but for the bits on top, or the hook is called. Where the
// shadow has no region yet, the offset is 0, and code in line compares the eight bytes of the program themselves, which
// it is about to access anyway; no memory agrees with a key of the present epoch. Hooks look whether there is a region:
// what they are told of need not be memory.
#pragma once

#include "runtime/detect/call_stack.h"
#include "runtime/detect/shadow_map.h"

namespace deadheat::rt {

/// kToldKey where every access has to be told: before the thread has a state, when a plan is active or accesses are
/// counted. Inside the runtime it stays, as a hit does nothing.
struct FastState {
  Key read;
  Key write;
  CallStack* calls;  ///< Of the thread; where calls have to be told, one whose innermost frame agrees with nothing.
};

}  // namespace deadheat::rt

extern "C" __thread deadheat::rt::FastState __deadheat_fast
    __attribute__((visibility("default"), tls_model("initial-exec")));

/// Not 0 from when everything has to be told: code in line tells of accesses that it knows to be repeated, too.
extern "C" __attribute__((visibility("default"))) char __deadheat_told;

namespace deadheat::rt {

inline void setFastState(Key epochKey) {
  __deadheat_fast.read = epochKey | kKeyMask;
  __deadheat_fast.write = epochKey | kKeyMask | kKeyWrite;
}

/// No key agrees with it: none has these bits, and no bytes; nor does an empty granule.
inline constexpr Key kToldKey = makeKey(kBlockSlot, 0x5a3c96e1) | kKeyAtomic | kKeyRaced;
inline bool everythingIsTold() { return __deadheat_fast.read == kToldKey; }

/// Of the thread that `calls` belongs to, from now on.
void beginFastState(Key epochKey, CallStack* calls);
void clearFastState();

/// Bits on top that do not count.
inline constexpr unsigned kReadIgnored = 64 - kWriteShift;
inline constexpr unsigned kWriteIgnored = 64 - kPartShift;

/// The first key of the granule of `address`; 0 where there is no region.
inline Key firstKeyAt(Address address) {
  Address offset = *regionEntry(address);
  if (offset == 0) [[unlikely]]
    return 0;
  return __atomic_load_n(reinterpret_cast<const Key*>((address & ~(kGranuleBytes - 1)) + offset), __ATOMIC_RELAXED);
}

/// True if the first cell says as much as an access of `kSize` bytes at `address`, which do not cross a granule's end
/// (16: two whole granules). May say no for too many reasons, never yes.
template <std::size_t kSize, bool kWrite>
inline __attribute__((always_inline)) bool seenFirst(Address address) {
  Address offset = *regionEntry(address);
  if (offset == 0) [[unlikely]]
    return false;
  Address granule = (kSize < kGranuleBytes ? address & ~(kGranuleBytes - 1) : address) + offset;
  Key key = __atomic_load_n(reinterpret_cast<const Key*>(granule), __ATOMIC_RELAXED);
  Key wanted = kWrite ? __deadheat_fast.write : __deadheat_fast.read;
  if constexpr (kSize < kGranuleBytes)
    key |= __builtin_rotateleft8(static_cast<unsigned char>(kKeyMask << kSize), static_cast<unsigned char>(address));
  Key differs = key ^ wanted;
  if constexpr (kSize > kGranuleBytes)
    differs |= __atomic_load_n(reinterpret_cast<const Key*>(granule) + 1, __ATOMIC_RELAXED) ^ wanted;
  return differs << (kWrite ? kWriteIgnored : kReadIgnored) == 0;
}

}  // namespace deadheat::rt
