#include "runtime/record/modules.h"

#include <elf.h>
#include <link.h>
#include <unistd.h>

#include "runtime/detect/thread.h"
#include "runtime/platform/pages.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/platform/text.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kModules = 1024;

Module modules[kModules];
std::size_t moduleCount;
SpinLock modulesLock;

struct Search {
  Address instrumentedPc;
  unsigned long long loads = 0;  ///< Of libraries since the program started,
  unsigned long long unloads = 0;
};

Module boundsOf(const dl_phdr_info& info) {
  Module module{info.dlpi_addr, ~Address{0}, 0, "", false};
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    Address begin = info.dlpi_addr + segment.p_vaddr;
    if (begin < module.begin) module.begin = begin;
    if (begin + segment.p_memsz > module.end) module.end = begin + segment.p_memsz;
  }
  return module;
}

void copyBuildId(const dl_phdr_info& info, protocol::ModuleRecord& record) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    Address at = info.dlpi_addr + segment.p_vaddr;
    Address end = at + segment.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(at);
      Address content = at + sizeof(*note) + ((note->n_namesz + 3) & ~3u);
      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4) {
        record.buildIdSize = note->n_descsz < sizeof(record.buildId) ? note->n_descsz : sizeof(record.buildId);
        for (std::uint32_t b = 0; b < record.buildIdSize; ++b)
          record.buildId[b] = reinterpret_cast<const std::uint8_t*>(content)[b];
        return;
      }
      at = content + ((note->n_descsz + 3) & ~3u);
    }
  }
}

const char* keptText(const char* text) {
  auto* copy = static_cast<char*>(allocateForever(lengthOf(text) + 1));
  for (std::size_t i = 0; text[i] != 0; ++i) copy[i] = text[i];
  return copy;
}

/// The main program has no name in the list.
const char* pathOf(const dl_phdr_info& info, char* buffer, std::size_t capacity) {
  if (info.dlpi_name != nullptr && *info.dlpi_name != 0) return info.dlpi_name;
  ssize_t length = readlink("/proc/self/exe", buffer, capacity - 1);
  buffer[length > 0 ? length : 0] = 0;
  return buffer;
}

void writeModule(const dl_phdr_info& info, const Module& module) {
  RecordWriter writer(protocol::RecordType::Module);
  auto* record = writer.add<protocol::ModuleRecord>();
  record->base = module.base;
  record->begin = module.begin;
  record->end = module.end;
  record->instrumented = module.instrumented ? 1 : 0;
  copyBuildId(info, *record);
  record->pathSize = writer.addText(module.path);
  writer.commit();
}

/// The place of the module in the table, or where it is to be put; a library that was unloaded makes room.
Module* placeFor(const Module& module) {
  for (std::size_t i = 0; i < moduleCount; ++i)
    if (modules[i].begin < module.end && module.begin < modules[i].end) return &modules[i];
  return moduleCount < kModules ? &modules[moduleCount] : nullptr;
}

int look(dl_phdr_info* info, std::size_t, void* data) {
  auto* search = static_cast<Search*>(data);
  Module module = boundsOf(*info);
  if (module.end == 0) return 0;
  Module* place = placeFor(module);
  if (place == nullptr) return 1;
  bool known = place->begin == module.begin && place->end == module.end;
  bool marked = search->instrumentedPc - module.begin < module.end - module.begin;
  module.instrumented = kPreloaded || marked || (known && place->instrumented);  // Preloaded: seen as well as any.
  if (known && place->instrumented == module.instrumented) return 0;
  static char path[4096];  // Under modulesLock.
  module.path = known ? place->path : keptText(pathOf(*info, path, sizeof(path)));
  writeModule(*info, module);
  *place = module;
  if (place == &modules[moduleCount]) __atomic_store_n(&moduleCount, moduleCount + 1, __ATOMIC_RELEASE);
  return 0;
}

const Module* moduleOf(Address pc) {
  std::size_t count = __atomic_load_n(&moduleCount, __ATOMIC_ACQUIRE);
  for (std::size_t i = 0; i < count; ++i)
    if (pc - modules[i].begin < modules[i].end - modules[i].begin) return &modules[i];
  return nullptr;
}

}  // namespace

bool findModule(Address address, Module& out) {
  const Module* module = moduleOf(address);
  if (module != nullptr) out = *module;
  return module != nullptr;
}

std::size_t moduleCountNow() { return __atomic_load_n(&moduleCount, __ATOMIC_ACQUIRE); }
Module moduleAt(std::size_t index) { return modules[index]; }

bool codeIsKnown(Address pc) { return moduleOf(pc) != nullptr; }

bool codeIsInstrumented(Address pc) {
  const Module* module = moduleOf(pc);
  return module != nullptr && module->instrumented;
}

/// The dynamic linker's lock comes before ours: a constructor that runs under it may report a race.
void recordModules(Address instrumentedPc) {
  RuntimeScope scope;
  static unsigned long long seenLoads = 0, seenUnloads = 0;  // Under modulesLock, as are the search's.
  Search search;
  search.instrumentedPc = instrumentedPc;
  auto locked = [](dl_phdr_info* info, std::size_t size, void* data) {
    SpinGuard guard(modulesLock);
    auto* own = static_cast<Search*>(data);
    own->loads = info->dlpi_adds;
    own->unloads = info->dlpi_subs;
    bool nothingNew = own->instrumentedPc == 0 && own->loads == seenLoads && own->unloads == seenUnloads;
    return nothingNew ? 1 : look(info, size, data);
  };
  if (dl_iterate_phdr(locked, &search) != 0) return;
  SpinGuard guard(modulesLock);
  seenLoads = search.loads;
  seenUnloads = search.unloads;
}

}  // namespace deadheat::rt
