#include "runtime/record/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "runtime/platform/growing_array.h"
#include "runtime/platform/raw_syscall.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/record/modules.h"

namespace deadheat::rt {
namespace {

/// The symbol table of a file, mapped for good; empty when it has none that can be read.
struct Table {
  const char* path;  ///< As in Module, where it is unique.
  const Elf64_Sym* symbols;
  std::size_t count;
  const char* names;
  std::size_t namesSize;
};

SpinLock tablesLock;
GrowingArray<Table> tables;

struct Mapped {
  const char* data;
  std::size_t size;
};

bool failed(long result) { return result < 0 && result > -4096; }

Mapped mapFile(const char* path) {
  long file = rawSyscall(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
  if (failed(file)) return {nullptr, 0};
  struct stat status;
  Mapped mapped{nullptr, 0};
  if (!failed(rawSyscall(SYS_fstat, file, reinterpret_cast<long>(&status))) && status.st_size > 0) {
    long at = rawSyscall(SYS_mmap, 0, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (!failed(at)) mapped = {reinterpret_cast<const char*>(at), static_cast<std::size_t>(status.st_size)};
  }
  rawSyscall(SYS_close, file);
  return mapped;
}

bool inside(const Mapped& file, std::size_t begin, std::size_t size) {
  return begin <= file.size && size <= file.size - begin;
}

/// The full table if the file has it, else the one of exported symbols.
void findTable(const Mapped& file, Table& table) {
  if (file.data == nullptr || !inside(file, 0, sizeof(Elf64_Ehdr))) return;
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file.data);
  if (header->e_ident[EI_MAG0] != ELFMAG0 || header->e_ident[EI_CLASS] != ELFCLASS64) return;
  if (!inside(file, header->e_shoff, std::size_t{header->e_shnum} * sizeof(Elf64_Shdr))) return;
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(file.data + header->e_shoff);
  constexpr unsigned kTypes[] = {SHT_SYMTAB, SHT_DYNSYM};
  for (unsigned type : kTypes)
    for (std::size_t i = 0; i < header->e_shnum; ++i) {
      const Elf64_Shdr& section = sections[i];
      if (section.sh_type != type || section.sh_link >= header->e_shnum) continue;
      const Elf64_Shdr& names = sections[section.sh_link];
      if (!inside(file, section.sh_offset, section.sh_size) || !inside(file, names.sh_offset, names.sh_size)) continue;
      table.symbols = reinterpret_cast<const Elf64_Sym*>(file.data + section.sh_offset);
      table.count = section.sh_size / sizeof(Elf64_Sym);
      table.names = file.data + names.sh_offset;
      table.namesSize = names.sh_size;
      return;
    }
}

Table tableOf(const Module& module) {
  SpinGuard guard(tablesLock);
  for (const Table& table : tables)
    if (table.path == module.path) return table;
  Table table{module.path, nullptr, 0, nullptr, 0};
  findTable(mapFile(module.path), table);
  return tables.push(table);
}

/// The narrowest symbol of the kind that covers `offset`; a function of unknown size covers all up to the next.
const Elf64_Sym* covering(const Table& table, Address offset, unsigned kind) {
  const Elf64_Sym* best = nullptr;
  for (std::size_t i = 0; i < table.count; ++i) {
    const Elf64_Sym& symbol = table.symbols[i];
    unsigned type = ELF64_ST_TYPE(symbol.st_info);
    bool fits = type == kind || (kind == STT_FUNC && type == STT_GNU_IFUNC);
    if (!fits || symbol.st_shndx == SHN_UNDEF || offset < symbol.st_value) continue;
    if (offset - symbol.st_value >= symbol.st_size && !(kind == STT_FUNC && symbol.st_size == 0)) continue;
    if (best == nullptr || symbol.st_value > best->st_value) best = &symbol;
  }
  return best;
}

/// Each interceptor has two names.
const char* withoutAlias(const char* name) {
  constexpr char kPrefix[] = "__interceptor_";
  for (std::size_t i = 0; i + 1 < sizeof(kPrefix); ++i)
    if (name[i] != kPrefix[i]) return name;
  return name + sizeof(kPrefix) - 1;
}

/// What was found before, direct-mapped: a race is looked up each time it happens, to know that it was told.
struct Found {
  Address address;
  unsigned kind;
  const char* path;  ///< Of the module: another one may have been loaded there since.
  Symbol symbol;
};
constexpr std::size_t kFound = 1024;
Found found[kFound];  // Under tablesLock.

Found& placeOf(Address address, unsigned kind) { return found[(address ^ address >> 10 ^ kind << 5) % kFound]; }

bool wasFound(Address address, unsigned kind, const Module& module, Symbol& out) {
  SpinGuard guard(tablesLock);
  const Found& before = placeOf(address, kind);
  if (before.address != address || before.kind != kind || before.path != module.path ||
      before.symbol.offset != address - module.base)
    return false;
  out = before.symbol;
  return true;
}

void search(Address address, unsigned kind, const Module& module, Symbol& out) {
  out.module = baseName(module.path);
  out.offset = address - module.base;
  Table table = tableOf(module);
  const Elf64_Sym* symbol = covering(table, out.offset, kind);
  if (symbol == nullptr || symbol->st_name >= table.namesSize) return;
  out.name = withoutAlias(table.names + symbol->st_name);
  out.begin = module.base + symbol->st_value;
  out.size = symbol->st_size;
}

bool lookUp(Address address, unsigned kind, Symbol& out) {
  Module module;
  out = {};
  if (!findModule(address, module)) return false;
  if (wasFound(address, kind, module, out)) return true;
  search(address, kind, module, out);
  SpinGuard guard(tablesLock);
  placeOf(address, kind) = {address, kind, module.path, out};
  return true;
}

/// Where a stub of the linkage table jumps, or the address itself: `[endbr64] [bnd] jmp *slot(%rip)`.
Address throughLinkage(Address code) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(code);
  std::size_t at = 0;
  if (bytes[0] == 0xf3 && bytes[1] == 0x0f && bytes[2] == 0x1e && bytes[3] == 0xfa) at = 4;
  if (bytes[at] == 0xf2) ++at;
  if (bytes[at] != 0xff || bytes[at + 1] != 0x25) return code;
  std::int32_t distance;
  __builtin_memcpy_inline(&distance, bytes + at + 2, sizeof(distance));
  return *reinterpret_cast<const Address*>(code + at + 6 + static_cast<Address>(static_cast<std::int64_t>(distance)));
}

}  // namespace

const char* baseName(const char* path) {
  const char* name = path;
  for (; *path != 0; ++path)
    if (*path == '/') name = path + 1;
  return name;
}

bool functionAt(Address code, Symbol& out) { return lookUp(code, STT_FUNC, out); }

bool variableAt(Address data, Symbol& out) { return lookUp(data, STT_OBJECT, out) && out.name != nullptr; }

bool calleeOf(Address returnAddress, Symbol& out) {
  constexpr std::size_t kCallBytes = 5;
  Module module;
  if (!findModule(returnAddress, module) || returnAddress - module.begin < kCallBytes) return false;
  const auto* call = reinterpret_cast<const unsigned char*>(returnAddress - kCallBytes);
  if (call[0] != 0xe8) return false;
  std::int32_t distance;
  __builtin_memcpy_inline(&distance, call + 1, sizeof(distance));
  Address target = returnAddress + static_cast<Address>(static_cast<std::int64_t>(distance));
  if (!findModule(target, module)) return false;
  return functionAt(throughLinkage(target), out) && out.name != nullptr;
}

SpinLock& symbolsLock() { return tablesLock; }

}  // namespace deadheat::rt
