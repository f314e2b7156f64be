#include "runtime/intercept/caller.h"

#include <link.h>

#include "runtime/bounds/bounds.h"
#include "runtime/detect/fibers.h"
#include "runtime/detect/thread.h"
#include "runtime/record/options.h"
#include "runtime/record/suppressions.h"

// Bounds of the executable's own code, provided by the linker.
extern "C" char __executable_start[] __attribute__((visibility("hidden")));
extern "C" char etext[] __attribute__((visibility("hidden")));

namespace deadheat::rt {
namespace {

struct Range {
  Address begin;
  Address end;
};

constexpr std::size_t kModules = 256;
constexpr std::size_t kWordsSearched = 256;
constexpr std::size_t kCallBytes = 8;

Range modules[kModules];
std::size_t moduleCount = 0;

struct ModuleSearch {
  Address pc;
  Range found;
};

int matchModule(dl_phdr_info* info, std::size_t, void* data) {
  auto* search = static_cast<ModuleSearch*>(data);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    Address begin = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    if (search->pc < begin || search->pc >= begin + segment.p_memsz) continue;
    search->found = {begin, begin + segment.p_memsz};
    return 1;
  }
  return 0;
}

/// True if the bytes before `address` read as a call: what tells a return address from any other code pointer.
bool followsCall(Address address) {
  const auto* code = reinterpret_cast<const unsigned char*>(address);
  if (code[-5] == 0xe8) return true;
  for (int length = 2; length <= 7; ++length)
    if (code[-length] == 0xff && (code[-length + 1] & 0x38) == 0x10) return true;
  return false;
}

}  // namespace

constinit ProgramCode programCode = {};

void findProgramCode() {
  if (suppressesLibraries()) return;
  programCode = {reinterpret_cast<Address>(__executable_start), reinterpret_cast<Address>(runtimeCodeBegins),
                 reinterpret_cast<Address>(runtimeCodeEnds), reinterpret_cast<Address>(etext)};
}

bool ignoresCaller(Address returnAddress) {
  return calledFromSuppressedLibrary(returnAddress) ||
         (options.ignoreForeignModules && !inInstrumentedCode(returnAddress));
}

bool inInstrumentedCode(Address pc) {
  if (pc >= reinterpret_cast<Address>(__executable_start) && pc < reinterpret_cast<Address>(etext))
    return !inRuntimeCode(pc);
  std::size_t count = __atomic_load_n(&moduleCount, __ATOMIC_ACQUIRE);
  for (std::size_t i = 0; i < count; ++i)
    if (pc >= modules[i].begin && pc < modules[i].end) return true;
  return false;
}

void addInstrumentedModule(Address pc) {
  if (inInstrumentedCode(pc)) return;
  ModuleSearch search{pc, {}};
  dl_iterate_phdr(matchModule, &search);
  if (search.found.end == 0 || moduleCount == kModules) return;
  modules[moduleCount] = search.found;  // Called from module constructors, which the dynamic linker runs one at a time.
  __atomic_store_n(&moduleCount, moduleCount + 1, __ATOMIC_RELEASE);
}

namespace {

/// Where the search for one caller at one depth of the stack ended, and with what; `word` is null if with nothing.
struct Searched {
  Address caller;
  const void* frame;
  const Address* word;
  Address found;

  __attribute__((no_sanitize("address"))) bool holds(Address returnAddress, const void* at) const {
    return caller == returnAddress && frame == at && (word == nullptr || *word == found);
  }
};

constexpr std::size_t kSearches = 32;
__thread Searched searches[kSearches] __attribute__((tls_model("initial-exec")));

/// Not exact: a stale return address in an unused slot of a library's frame can stand nearer. An exact unwinder would
/// need libgcc, takes locks and costs a microsecond a frame.
__attribute__((no_sanitize("address"))) const Address* nearestInstrumented(const Address* word) {
  std::size_t words =
      (stackEnd(ownThread, reinterpret_cast<Address>(word)) - reinterpret_cast<Address>(word)) / sizeof(Address);
  if (words > kWordsSearched) words = kWordsSearched;
  for (std::size_t i = 0; i < words; ++i, ++word)
    if (inInstrumentedCode(*word) && *word > kCallBytes && inInstrumentedCode(*word - kCallBytes) && followsCall(*word))
      return word;
  return nullptr;
}

}  // namespace

/// A library that copies in a loop calls from the same place at the same depth: there the word is looked at, not for.
__attribute__((no_sanitize("address"))) Address searchCaller(Address returnAddress, const void* frame) {
  Searched& last = searches[(returnAddress ^ returnAddress >> 5) % kSearches];
  if (!last.holds(returnAddress, frame)) {
    const Address* word = nearestInstrumented(static_cast<const Address*>(frame));
    last = {returnAddress, frame, word, word != nullptr ? *word : returnAddress};
  }
  return last.found;
}

}  // namespace deadheat::rt
