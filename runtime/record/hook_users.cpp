#include "runtime/record/hook_users.h"

#include <link.h>

namespace deadheat::rt {
namespace {

constexpr std::size_t kMostUsers = 256;
constexpr char kHook[] = "__tsan_init";

struct Users {
  Address code[kMostUsers];
  std::size_t count;
  bool unchanged;  ///< No module came since the last look.
};

unsigned long long modulesSeen;  ///< As the dynamic linker counts loads.

/// What is needed of a module's dynamic section.
struct Imports {
  const ElfW(Sym)* symbols;
  const char* names;
  std::size_t count;  ///< Symbols among which all imports are.
};

Address relocated(const dl_phdr_info& info, Address pointer) {
  return pointer < info.dlpi_addr ? pointer + info.dlpi_addr : pointer;
}

/// A GNU hash table leaves out the imports, which stand before all it has; a plain one counts every symbol.
Imports importsOf(const dl_phdr_info& info, const ElfW(Dyn)* entry) {
  Imports imports{};
  for (; entry->d_tag != DT_NULL; ++entry) {
    Address at = relocated(info, entry->d_un.d_ptr);
    if (entry->d_tag == DT_SYMTAB) imports.symbols = reinterpret_cast<const ElfW(Sym)*>(at);
    if (entry->d_tag == DT_STRTAB) imports.names = reinterpret_cast<const char*>(at);
    if (entry->d_tag == DT_HASH || (entry->d_tag == DT_GNU_HASH && imports.count == 0))
      imports.count = reinterpret_cast<const std::uint32_t*>(at)[1];
  }
  return imports;
}

bool isHook(const char* name) {
  for (std::size_t i = 0; i < sizeof(kHook); ++i)
    if (name[i] != kHook[i]) return false;
  return true;
}

bool importsHook(const dl_phdr_info& info, const ElfW(Phdr)& dynamic) {
  Imports imports = importsOf(info, reinterpret_cast<const ElfW(Dyn)*>(info.dlpi_addr + dynamic.p_vaddr));
  if (imports.symbols == nullptr || imports.names == nullptr) return false;
  for (std::size_t i = 1; i < imports.count; ++i)
    if (imports.symbols[i].st_shndx == SHN_UNDEF && isHook(imports.names + imports.symbols[i].st_name)) return true;
  return false;
}

int look(dl_phdr_info* info, std::size_t, void* data) {
  auto* users = static_cast<Users*>(data);
  if (users->count == 0 && info->dlpi_adds == modulesSeen) {
    users->unchanged = true;
    return 1;
  }
  const Address own = reinterpret_cast<Address>(&forEachHookUser);
  Address code = 0;
  bool uses = false;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    const Address begin = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_DYNAMIC && importsHook(*info, segment)) uses = true;
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    code = begin;
    if (own - begin < segment.p_memsz) uses = true;
  }
  if (uses && code != 0 && users->count < kMostUsers) users->code[users->count++] = code;
  return 0;
}

int countLoads(dl_phdr_info* info, std::size_t, void*) {
  modulesSeen = info->dlpi_adds;
  return 1;
}

}  // namespace

void forEachHookUser(void (*each)(Address code)) {
  Users users{};
  dl_iterate_phdr(look, &users);
  if (users.unchanged) return;
  dl_iterate_phdr(countLoads, nullptr);
  for (std::size_t i = 0; i < users.count; ++i) each(users.code[i]);
}

}  // namespace deadheat::rt
