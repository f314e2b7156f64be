#include "runtime/schedule/plan.h"

#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "runtime/platform/raw_syscall.h"

namespace deadheat::rt {

Plan plan;

namespace {

struct Bytes {
  const char* data;
  std::size_t size;
};

/// A file mapped for reading; unmapped at the end of its life.
class MappedFile {
 public:
  explicit MappedFile(const char* path) {
    long file = rawSyscall(SYS_open, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    struct stat status {};
    if (rawSyscall(SYS_fstat, file, reinterpret_cast<long>(&status)) == 0 && status.st_size > 0) {
      size_ = static_cast<std::size_t>(status.st_size);
      long address = rawSyscall(SYS_mmap, 0, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
      if (address > 0) data_ = reinterpret_cast<const char*>(address);
    }
    rawSyscall(SYS_close, file);
  }
  ~MappedFile() {
    if (data_ != nullptr) rawSyscall(SYS_munmap, reinterpret_cast<long>(data_), static_cast<long>(size_));
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  Bytes bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

struct Tables {
  const protocol::PlanHeader* header;
  const protocol::PlanSite* sites;
  const protocol::PlanModule* modules;
  const protocol::PlanRange* ranges;
  const protocol::PlanSchedule* schedule;  ///< Null unless the mode is Control.
  const protocol::PlanDeviation* deviations;
  const protocol::PlanFocus* focus;
  const protocol::PlanTrailStep* trail;
};

bool equal(const void* a, const void* b, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    if (static_cast<const char*>(a)[i] != static_cast<const char*>(b)[i]) return false;
  return true;
}

bool isKnown(protocol::PlanMode mode) {
  return mode == protocol::PlanMode::Race || mode == protocol::PlanMode::Deadlock || mode == protocol::PlanMode::Control;
}

/// What follows the ranges, which end at `offset`.
const char* checkSchedule(const Bytes& file, std::uint64_t offset, Tables& tables) {
  if (file.size < offset + sizeof(protocol::PlanSchedule)) return "is cut short";
  tables.schedule = reinterpret_cast<const protocol::PlanSchedule*>(file.data + offset);
  tables.deviations = reinterpret_cast<const protocol::PlanDeviation*>(tables.schedule + 1);
  std::uint64_t left = file.size - offset - sizeof(protocol::PlanSchedule);
  if (left / sizeof(protocol::PlanDeviation) < tables.schedule->deviationCount) return "is cut short";
  left -= tables.schedule->deviationCount * sizeof(protocol::PlanDeviation);
  if (left / sizeof(protocol::PlanFocus) < tables.schedule->focusCount) return "is cut short";
  tables.focus = reinterpret_cast<const protocol::PlanFocus*>(tables.deviations + tables.schedule->deviationCount);
  left -= tables.schedule->focusCount * sizeof(protocol::PlanFocus);
  if (left / sizeof(protocol::PlanTrailStep) < tables.schedule->trailCount) return "is cut short";
  tables.trail = reinterpret_cast<const protocol::PlanTrailStep*>(tables.focus + tables.schedule->focusCount);
  auto strategy = static_cast<std::uint32_t>(tables.schedule->strategy);
  if (strategy < 1 || strategy > protocol::kStrategies) return "asks for an unknown strategy";
  return nullptr;
}

const char* check(const Bytes& file, Tables& tables) {
  if (file.data == nullptr) return "cannot be read";
  tables.header = reinterpret_cast<const protocol::PlanHeader*>(file.data);
  if (file.size < sizeof(protocol::PlanHeader)) return "is too short";
  if (!equal(tables.header->magic, protocol::kPlanMagic, sizeof(protocol::kPlanMagic))) return "is not a plan";
  if (tables.header->version != protocol::kProtocolVersion) return "is of another version";
  if (!isKnown(tables.header->mode)) return "asks for an unknown mode";
  std::uint64_t bytes = sizeof(protocol::PlanHeader) +
                        std::uint64_t{tables.header->siteCount} * sizeof(protocol::PlanSite) +
                        std::uint64_t{tables.header->moduleCount} * sizeof(protocol::PlanModule) +
                        std::uint64_t{tables.header->rangeCount} * sizeof(protocol::PlanRange);
  if (file.size < bytes) return "is cut short";
  tables.sites = reinterpret_cast<const protocol::PlanSite*>(tables.header + 1);
  tables.modules = reinterpret_cast<const protocol::PlanModule*>(tables.sites + tables.header->siteCount);
  tables.ranges = reinterpret_cast<const protocol::PlanRange*>(tables.modules + tables.header->moduleCount);
  for (std::uint32_t i = 0; i < tables.header->rangeCount; ++i)
    if (tables.ranges[i].module >= tables.header->moduleCount || tables.ranges[i].site >= tables.header->siteCount)
      return "names a module or site it does not have";
  if (tables.header->mode != protocol::PlanMode::Control) return nullptr;
  return checkSchedule(file, bytes, tables);
}

/// True if a note segment of the loaded module is the build id of `wanted`.
bool hasBuildId(const dl_phdr_info& info, const protocol::PlanModule& wanted) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const char* at = reinterpret_cast<const char*>(info.dlpi_addr + segment.p_vaddr);
    const char* end = at + segment.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(at);
      const char* name = at + sizeof(*note);
      const char* id = name + ((note->n_namesz + 3) & ~3u);
      std::size_t size = note->n_descsz < sizeof(wanted.buildId) ? note->n_descsz : sizeof(wanted.buildId);
      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && equal(name, "GNU", 4) &&
          size == (wanted.buildIdSize < sizeof(wanted.buildId) ? wanted.buildIdSize : sizeof(wanted.buildId)) &&
          equal(id, wanted.buildId, size))
        return true;
      at = id + ((note->n_descsz + 3) & ~3u);
    }
  }
  return false;
}

bool hasBaseName(const char* path, const char* wanted) {
  const char* base = path;
  for (const char* c = path; *c != 0; ++c)
    if (*c == '/') base = c + 1;
  while (*base != 0 && *base == *wanted) {
    ++base;
    ++wanted;
  }
  return *base == 0 && *wanted == 0;
}

/// Fills in the code of deviations and trail in module `module`, which lies at `bias`.
void addCode(const Tables& tables, std::uint32_t module, Address bias) {
  for (std::size_t i = 0; i < plan.deviations.size(); ++i)
    if (tables.deviations[i].module == module) plan.deviations[i].key.pc = bias + tables.deviations[i].offset;
  for (std::size_t i = 0; i < plan.trail.size(); ++i)
    if (tables.trail[i].module == module) plan.trail[i].pc = bias + tables.trail[i].offset;
}

void takeSchedule(const Tables& tables) {
  plan.deviations.clear();
  if (tables.schedule == nullptr) return;
  plan.schedule = *tables.schedule;
  for (std::uint64_t i = 0; i < plan.schedule.deviationCount; ++i) {
    const protocol::PlanDeviation& from = tables.deviations[i];
    plan.deviations.push({from.kind, from.chosen, {from.thread, 0, from.occurrence}, from.step, from.hash});
  }
  plan.focus.clear();
  for (std::uint64_t i = 0; i < plan.schedule.focusCount; ++i) plan.focus.push(tables.focus[i]);
  constexpr std::uint32_t kNoModule = ~0u;
  plan.trail.clear();
  for (std::uint64_t i = 0; i < plan.schedule.trailCount; ++i)
    plan.trail.push({tables.trail[i].hash, tables.trail[i].thread,
                     tables.trail[i].module == kNoModule ? 0 : TrailStep::kNotLoaded});
}

struct Matching {
  const Tables* tables;
  GrowingArray<SiteRange>* ranges;
  char executable[4096];  ///< The dynamic linker gives the executable no name.
};

int matchModule(dl_phdr_info* info, std::size_t, void* data) {
  auto* matching = static_cast<Matching*>(data);
  const Tables& tables = *matching->tables;
  const char* path = info->dlpi_name[0] != 0 ? info->dlpi_name : matching->executable;
  for (std::uint32_t m = 0; m < tables.header->moduleCount; ++m) {
    const protocol::PlanModule& wanted = tables.modules[m];
    if (!(wanted.buildIdSize != 0 ? hasBuildId(*info, wanted) : hasBaseName(path, wanted.baseName))) continue;
    for (std::uint32_t r = 0; r < tables.header->rangeCount; ++r) {
      const protocol::PlanRange& range = tables.ranges[r];
      if (range.module == m)
        matching->ranges->push({info->dlpi_addr + range.begin, info->dlpi_addr + range.end, range.site});
    }
    addCode(tables, m, info->dlpi_addr);
  }
  return 0;
}

}  // namespace

const char* loadPlan(const char* path) {
  MappedFile file(path);
  return loadPlan(file.bytes().data, file.bytes().size);
}

const char* loadPlan(const char* bytes, std::size_t size) {
  Tables tables{};
  if (const char* fault = check({bytes, size}, tables)) return fault;
  plan.header = *tables.header;
  plan.sites.clear();
  for (std::uint32_t i = 0; i < plan.header.siteCount; ++i) plan.sites.push(tables.sites[i]);
  takeSchedule(tables);
  if (plan.header.moduleCount == 0) return nullptr;
  GrowingArray<SiteRange> ranges;
  Matching matching{&tables, &ranges, {}};
  rawSyscall(SYS_readlink, reinterpret_cast<long>("/proc/self/exe"), reinterpret_cast<long>(matching.executable),
             sizeof(matching.executable) - 1);
  dl_iterate_phdr(matchModule, &matching);
  plan.places.build(ranges.begin(), ranges.size());
  ranges.free();
  return nullptr;
}

}  // namespace deadheat::rt
