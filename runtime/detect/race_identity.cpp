#include "runtime/detect/race_identity.h"

#include "runtime/detect/context_tree.h"
#include "runtime/detect/mix.h"
#include "runtime/record/symbols.h"

namespace deadheat::rt {
namespace {

/// A set of hashes, never 0: open addressing; entries are never removed. When it is full, everything is new again and
/// again rather than never.
class Seen {
 public:
  bool firstTime(std::uint64_t key) {
    key |= 1;
    for (std::size_t i = 0; i < kEntries; ++i) {
      std::uint64_t* entry = &entries_[(key / 2 + i) % kEntries];
      std::uint64_t found = __atomic_load_n(entry, __ATOMIC_RELAXED);
      if (found == 0 && __atomic_compare_exchange_n(entry, &found, key, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return true;
      if (found == key) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kEntries = 1 << 16;
  std::uint64_t entries_[kEntries];
};

Seen codes;
Seen races;

/// Through another path to that function it is the same.
std::uint64_t nearestCallers(Context context) {
  constexpr int kCallers = 2;
  std::uint64_t hash = 0;
  for (int i = 0; i < kCallers && context != 0; ++i) {
    Address caller = 0;
    context = parentContext(context, caller);
    hash = mix(hash + caller);
  }
  return hash;
}

std::uint64_t codeOf(const RaceAccess& access) {
  return mix(access.pc * 64 + access.flags + 1 + nearestCallers(access.context));
}

bool beginsWith(const char* name, const char* prefix) {
  for (; *prefix != 0; ++name, ++prefix)
    if (*name != *prefix) return false;
  return true;
}

/// By its mangled name (Itanium C++ ABI, 5.1.4): a function of namespace std, or libstdc++'s own.
bool isOfStandardLibrary(const char* name) {
  constexpr const char* kPrefixes[] = {"_ZSt", "_ZNSt", "_ZNKSt", "_ZN9__gnu_cxx", "_ZNK9__gnu_cxx"};
  for (const char* prefix : kPrefixes)
    if (beginsWith(name, prefix)) return true;
  return false;
}

/// The place in the program's own code on whose behalf `pc` ran. Where there is none, for what is inlined into the
/// library's start of a thread, the outermost place.
Address ownPlace(Context context, Address pc) {
  Symbol symbol;
  while (context != 0 && functionAt(pc - 1, symbol) && symbol.name != nullptr && isOfStandardLibrary(symbol.name))
    context = parentContext(context, pc);
  return pc;
}

std::uint64_t meetingAt(Address address, const MemoryPlace& place) {
  Symbol variable;
  auto kind = static_cast<std::uint64_t>(place.info.place);
  if (place.pc != 0) return mix(ownPlace(place.context, place.pc)) + kind;
  return variableAt(address, variable) ? mix(variable.begin) : kind;
}

}  // namespace

bool isNewCode(const RaceAccess& later, const RaceAccess& earlier, protocol::RaceProof proof) {
  return codes.firstTime(mix(codeOf(later) + codeOf(earlier) + static_cast<std::uint64_t>(proof)));
}

bool isNewRace(const RaceAccess& later, const RaceAccess& earlier, const MemoryPlace& place) {
  auto placeOf = [](const RaceAccess& access) {
    return mix(ownPlace(access.context, access.pc) * 2 + ((access.flags & protocol::kAccessFree) != 0 ? 1 : 0));
  };
  return races.firstTime(mix(placeOf(later) + placeOf(earlier)) + meetingAt(earlier.address, place));
}

}  // namespace deadheat::rt
