// Where the C library and the dynamic linker are.
#include <link.h>
#include <sys/auxv.h>

#include "runtime/intercept/caller.h"
#include "runtime/platform/text.h"
#include "runtime/record/symbols.h"

namespace deadheat::rt {
namespace {

struct Range {
  Address begin;
  Address end;
};

/// The dynamic linker is where the kernel loaded it, the C library goes by its name.
int matchCLibrary(dl_phdr_info* info, std::size_t, void* data) {
  auto* found = static_cast<Range*>(data);
  bool loader = info->dlpi_addr == getauxval(AT_BASE);
  if (!loader && !sameText(baseName(info->dlpi_name), "libc.so.6")) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    Address begin = info->dlpi_addr + segment.p_vaddr;
    found[loader ? 1 : 0] = {begin, begin + segment.p_memsz};
  }
  return 0;
}

}  // namespace

namespace {

/// The C library and the dynamic linker.
const Range* ownLibraries() {
  static Range libraries[2];
  static bool found;
  if (!__atomic_load_n(&found, __ATOMIC_ACQUIRE)) {
    Range fresh[2] = {};
    dl_iterate_phdr(matchCLibrary, fresh);
    libraries[0] = fresh[0];
    libraries[1] = fresh[1];
    __atomic_store_n(&found, true, __ATOMIC_RELEASE);
  }
  return libraries;
}

bool lies(Address pc, const Range& library) { return pc >= library.begin && pc < library.end; }

}  // namespace

bool inCLibrary(Address pc) { return lies(pc, ownLibraries()[0]) || lies(pc, ownLibraries()[1]); }
bool inDynamicLinker(Address pc) { return lies(pc, ownLibraries()[1]); }

}  // namespace deadheat::rt
