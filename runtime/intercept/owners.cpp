#include "runtime/intercept/owners.h"

#include "runtime/detect/thread.h"
#include "runtime/intercept/caller.h"
#include "runtime/record/symbols.h"

namespace deadheat::rt {
namespace {

/// By its mangled name (Itanium C++ ABI): libstdc++'s std::string with any characters, but for the counted one of its old
/// interface; libc++'s.
bool isOfString(const char* name) {
  constexpr const char* kPrefixes[] = {"_ZNSt7__cxx1112basic_string", "_ZNKSt7__cxx1112basic_string", "_ZNSt3__112basic_string",
                                       "_ZNKSt3__112basic_string"};
  for (const char* prefix : kPrefixes) {
    const char* at = name;
    while (*prefix != 0 && *at == *prefix) ++at, ++prefix;
    if (*prefix == 0) return true;
  }
  return false;
}

bool isString(Address returnAddress) {
  RuntimeScope scope;
  Symbol symbol;
  return functionAt(returnAddress - 1, symbol) && symbol.name != nullptr && isOfString(symbol.name);
}

}  // namespace

bool gaveBack(Thread* self, Address object, int* count) {
  if (self != nullptr) release(self, object);
  for (int now = __atomic_load_n(count, __ATOMIC_ACQUIRE); now > 1;)
    if (__atomic_compare_exchange_n(count, &now, now - 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return true;
  if (self != nullptr) acquire(self, object);
  return false;
}

bool mayCountOwners(Address returnAddress) {
  if (inInstrumentedCode(returnAddress)) return false;
  // Direct-mapped: the return address with the answer as its lowest bit.
  constexpr std::size_t kKnown = 1024;
  static Address known[kKnown];
  Address& entry = known[(returnAddress ^ returnAddress >> 10) % kKnown];
  Address found = __atomic_load_n(&entry, __ATOMIC_RELAXED);
  if (found >> 1 == returnAddress) return (found & 1) != 0;
  bool answer = !isString(returnAddress);
  __atomic_store_n(&entry, returnAddress << 1 | (answer ? 1 : 0), __ATOMIC_RELAXED);
  return answer;
}

}  // namespace deadheat::rt
