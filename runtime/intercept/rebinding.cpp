#include "runtime/intercept/rebinding.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>

#include "runtime/platform/raw_syscall.h"

extern "C" deadheat::rt::Rebinding __start_deadheat_rebound[] __attribute__((visibility("hidden")));
extern "C" deadheat::rt::Rebinding __stop_deadheat_rebound[] __attribute__((visibility("hidden")));

namespace deadheat::rt {
namespace {

/// All names begin so; one is in every version of the library.
constexpr char kBeginning[] = "_ZN5boost6fibers";
constexpr char kAlwaysThere[] = "_ZN5boost6fibers7context6activeEv";

bool begins(const char* name, const char* beginning, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    if (name[i] != beginning[i]) return false;
  return true;
}

bool matches(const char* name, const char* pattern) {
  for (; *pattern != '*'; ++name, ++pattern) {
    if (*name != *pattern) return false;
    if (*name == 0) return true;
  }
  return true;
}

Rebinding* find(const char* name) {
  if (!begins(name, kBeginning, sizeof(kBeginning) - 1)) return nullptr;
  for (Rebinding* entry = __start_deadheat_rebound; entry != __stop_deadheat_rebound; ++entry)
    if (matches(name, entry->name)) return entry;
  return nullptr;
}

/// What is needed of a module's dynamic section.
struct Calls {
  const ElfW(Sym) * symbols;
  const char* names;
  const ElfW(Rela) * tables[2];  ///< Of calls, and of all else.
  std::size_t sizes[2];
};

Address relocated(const dl_phdr_info& info, Address pointer) {
  return pointer < info.dlpi_addr ? pointer + info.dlpi_addr : pointer;
}

Calls callsOf(const dl_phdr_info& info, const ElfW(Dyn) * entry) {
  Calls calls{};
  for (; entry->d_tag != DT_NULL; ++entry) {
    const Address at = relocated(info, entry->d_un.d_ptr);
    switch (entry->d_tag) {
      case DT_SYMTAB:
        calls.symbols = reinterpret_cast<const ElfW(Sym)*>(at);
        break;
      case DT_STRTAB:
        calls.names = reinterpret_cast<const char*>(at);
        break;
      case DT_JMPREL:
        calls.tables[0] = reinterpret_cast<const ElfW(Rela)*>(at);
        break;
      case DT_RELA:
        calls.tables[1] = reinterpret_cast<const ElfW(Rela)*>(at);
        break;
      case DT_PLTRELSZ:
        calls.sizes[0] = entry->d_un.d_val / sizeof(ElfW(Rela));
        break;
      case DT_RELASZ:
        calls.sizes[1] = entry->d_un.d_val / sizeof(ElfW(Rela));
        break;
      default:
        break;
    }
  }
  return calls;
}

struct Range {
  Address begin, end;
};

/// `word` may lie where nothing can be written once the module is loaded. Were that not to be had, it stays what it is.
void change(Address* word, void* to, const Range& readOnly) {
  constexpr Address kPage = 4096;
  const auto at = reinterpret_cast<Address>(word);
  const Address page = at & ~(kPage - 1);
  const bool guarded = at >= readOnly.begin && at < readOnly.end;
  if (guarded && rawSyscall(SYS_mprotect, static_cast<long>(page), kPage, PROT_READ | PROT_WRITE) != 0) return;
  __atomic_store_n(word, reinterpret_cast<Address>(to), __ATOMIC_RELEASE);
  if (guarded) rawSyscall(SYS_mprotect, static_cast<long>(page), kPage, PROT_READ);
}

void rebind(const dl_phdr_info& info, const Calls& calls, const Range& readOnly) {
  for (int table = 0; table < 2; ++table) {
    const ElfW(Rela)* relocation = calls.tables[table];
    for (const ElfW(Rela)* end = relocation + calls.sizes[table]; relocation != end; ++relocation) {
      const auto kind = ELF64_R_TYPE(relocation->r_info);
      if (kind != R_X86_64_JUMP_SLOT && kind != R_X86_64_GLOB_DAT) continue;
      const char* name = calls.names + calls.symbols[ELF64_R_SYM(relocation->r_info)].st_name;
      Rebinding* entry = find(name);
      if (entry == nullptr) continue;
      void* function = dlsym(RTLD_DEFAULT, name);
      if (entry->real == nullptr) __atomic_store_n(&entry->real, function, __ATOMIC_RELEASE);
      if (function == nullptr || function != entry->real) continue;  // Of two that begin alike, one.
      auto* word = reinterpret_cast<Address*>(info.dlpi_addr + relocation->r_offset);
      if (*word != reinterpret_cast<Address>(entry->ours)) change(word, entry->ours, readOnly);
    }
  }
}

int look(dl_phdr_info* info, std::size_t, void*) {
  const ElfW(Dyn)* dynamic = nullptr;
  Range readOnly{};
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    const Address begin = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_DYNAMIC) dynamic = reinterpret_cast<const ElfW(Dyn)*>(begin);
    if (segment.p_type == PT_GNU_RELRO) readOnly = {begin, begin + segment.p_memsz};
  }
  if (dynamic == nullptr) return 0;
  const Calls calls = callsOf(*info, dynamic);
  if (calls.symbols != nullptr && calls.names != nullptr) rebind(*info, calls, readOnly);
  return 0;
}

}  // namespace

void rebindCalls() {
  if (dlsym(RTLD_DEFAULT, kAlwaysThere) != nullptr) dl_iterate_phdr(look, nullptr);
}

}  // namespace deadheat::rt
