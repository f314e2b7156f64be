#include "runtime/record/suppressions.h"

#include <fcntl.h>
#include <link.h>

#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/platform/pages.h"
#include "runtime/platform/raw_syscall.h"
#include "runtime/platform/text.h"
#include "runtime/record/modules.h"
#include "runtime/record/options.h"
#include "runtime/record/qualified_name.h"
#include "runtime/record/recording.h"
#include "runtime/record/symbols.h"

extern "C" __attribute__((weak)) const char* __tsan_default_suppressions();

namespace deadheat::rt {
namespace {

constexpr int kUsageError = 64;
constexpr std::size_t kMostFrames = 256;
constexpr const char* kKinds[] = {"race", "race_top", "mutex", "thread", "signal", "deadlock", "called_from_lib", "task"};

struct Suppression {
  const char* line;     ///< `kind:pattern`.
  const char* pattern;
  Suppress kind;
  std::uint64_t used;
  bool matchedLibrary;  ///< CalledFromLib: what follows is the code it matched.
  Address begin;
  Address end;
  const char* path;
};

GrowingArray<Suppression> suppressions;  ///< Complete before the program starts.
bool libraries;                          ///< A CalledFromLib is among them.

/// True if the text beginning at `name` matches `pattern`, to the end of `name` if the pattern ends with '$'.
bool matchesHere(const char* pattern, const char* name) {
  for (;; ++pattern, ++name) {
    if (*pattern == 0) return true;
    if (*pattern == '$' && pattern[1] == 0) return *name == 0;
    if (*pattern == '*') {
      for (const char* rest = name;; ++rest) {
        if (matchesHere(pattern + 1, rest)) return true;
        if (*rest == 0) return false;
      }
    }
    if (*name != *pattern) return false;
  }
}

bool matches(const char* pattern, const char* name) {
  if (*pattern == '^') return matchesHere(pattern + 1, name);
  for (;; ++name) {
    if (matchesHere(pattern, name)) return true;
    if (*name == 0) return false;
  }
}

[[noreturn]] void malformed(const char* line) {
  failStart(kUsageError, "a suppression is not one of race, race_top, mutex, thread, signal, deadlock, task, "
                         "called_from_lib and a pattern: ", line);
  __builtin_unreachable();
}

void addLine(const char* line) {
  for (unsigned kind = 0; kind < sizeof(kKinds) / sizeof(kKinds[0]); ++kind) {
    std::size_t length = lengthOf(kKinds[kind]);
    bool same = true;
    for (std::size_t i = 0; i < length && same; ++i) same = line[i] == kKinds[kind][i];
    if (!same || line[length] != ':') continue;
    suppressions.push({line, line + length + 1, static_cast<Suppress>(kind), 0, false, 0, 0, nullptr});
    libraries = libraries || static_cast<Suppress>(kind) == Suppress::CalledFromLib;
    return;
  }
  malformed(line);
}

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Cuts `text`, which it keeps, into lines.
void addLines(char* text) {
  while (*text != 0) {
    char* end = text;
    while (*end != 0 && *end != '\n') ++end;
    char* next = *end == 0 ? end : end + 1;
    *end = 0;
    while (blank(*text)) ++text;
    while (end > text && blank(end[-1])) *--end = 0;
    if (*text != 0 && *text != '#') addLine(text);
    text = next;
  }
}

long openSuppressions(const char* path) {
  long file = rawSyscall(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
  if (file >= 0 || *path == '/') return file;
  char executable[4096];  // Beside the program, then.
  long length = rawSyscall(SYS_readlink, reinterpret_cast<long>("/proc/self/exe"), reinterpret_cast<long>(executable),
                           sizeof(executable) - 1);
  while (length > 0 && executable[length - 1] != '/') --length;
  executable[length > 0 ? length : 0] = 0;
  Text<8192> beside;
  beside << executable << path;
  return rawSyscall(SYS_openat, AT_FDCWD, reinterpret_cast<long>(beside.c_str()), O_RDONLY | O_CLOEXEC);
}

void readFile(const char* path) {
  long file = openSuppressions(path);
  if (file < 0) failStart(kUsageError, "cannot read the suppressions file ", path);
  static GrowingArray<char> text;
  text.clear();
  char buffer[4096];
  for (long count; (count = rawSyscall(SYS_read, file, reinterpret_cast<long>(buffer), sizeof(buffer))) > 0;)
    for (long i = 0; i < count; ++i) text.push(buffer[i]);
  text.push(0);
  rawSyscall(SYS_close, file);
  addLines(text.begin());
}

void readText(const char* given) {
  static GrowingArray<char> text;
  for (std::size_t i = 0, size = lengthOf(given); i <= size; ++i) text.push(given[i]);
  addLines(text.begin());
}

bool matchesCode(const char* pattern, Address code) {
  Symbol symbol;
  if (!functionAt(code, symbol)) return false;
  if (matches(pattern, symbol.module)) return true;
  if (symbol.name == nullptr) return false;
  Text<1024> name;
  qualifiedName(symbol.name, name);
  return matches(pattern, name.c_str()) || matches(pattern, symbol.name);
}

void use(Suppression& suppression) { __atomic_add_fetch(&suppression.used, 1, __ATOMIC_RELAXED); }

struct LibrarySearch {
  Suppression* suppression;
  bool present;
};

[[noreturn]] void libraryTrouble(const Suppression& suppression, const char* what, const char* path) {
  Text<4096> detail;
  detail << suppression.pattern << "' " << what << suppression.path;
  if (path != nullptr) detail << " and " << path;
  failStart(kUsageError, "the suppression 'called_from_lib:", detail.c_str());
  __builtin_unreachable();
}

/// Code of a library: the range calls are told by.
Module codeOf(const dl_phdr_info& info) {
  Module module{info.dlpi_addr, 0, 0, info.dlpi_name, false};
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    module.begin = info.dlpi_addr + segment.p_vaddr;
    module.end = module.begin + segment.p_memsz;
  }
  return module;
}

const char* keptPath(const char* path) {
  auto* copy = static_cast<char*>(allocateForever(lengthOf(path) + 1));
  for (std::size_t i = 0; path[i] != 0; ++i) copy[i] = path[i];
  return copy;
}

int matchLibrary(dl_phdr_info* info, std::size_t, void* data) {
  auto* search = static_cast<LibrarySearch*>(data);
  Suppression& suppression = *search->suppression;
  Module module = codeOf(*info);
  Module recorded;
  const char* path = info->dlpi_name;
  if (*path == 0 && findModule(module.begin, recorded)) path = recorded.path;  // The program itself.
  if (*path == 0 || !matches(suppression.pattern, path)) return 0;
  if (suppression.matchedLibrary && module.begin != suppression.begin)
    libraryTrouble(suppression, "is matched by more than one library: ", path);
  if (!suppression.matchedLibrary) suppression.path = keptPath(path);
  suppression.begin = module.begin;
  suppression.end = module.end;
  search->present = suppression.matchedLibrary = true;
  return 0;
}

/// One library is found by a suppression, and stays: the code of another could not be told from it that takes its place.
void checkLibrary(Suppression& suppression) {
  LibrarySearch search{&suppression, false};
  dl_iterate_phdr(matchLibrary, &search);
  if (suppression.matchedLibrary && !search.present)
    libraryTrouble(suppression, "was matched by a library that is unloaded: ", nullptr);
}

}  // namespace

void readSuppressions() {
  if (options.suppressions != nullptr) readFile(options.suppressions);
  if (__tsan_default_suppressions == nullptr) return;
  if (const char* text = __tsan_default_suppressions(); text != nullptr && *text != 0) readText(text);
}

void recordSuppressions() {
  RuntimeScope scope;
  for (const Suppression& suppression : suppressions) {
    RecordWriter writer(protocol::RecordType::Suppression);
    auto* record = writer.add<protocol::SuppressionRecord>();
    record->textSize = writer.addText(suppression.line);
  }
}

bool anySuppression(Suppress kind) {
  for (const Suppression& suppression : suppressions)
    if (suppression.kind == kind) return true;
  return false;
}

bool suppressesStack(Suppress kind, Context context, Address pc) {
  if (!anySuppression(kind)) return false;
  Address counters[kMostFrames];
  std::size_t count = unwind(context, pc, counters, kMostFrames);
  for (Suppression& suppression : suppressions) {
    if (suppression.kind != kind) continue;
    for (std::size_t i = 0; i < count; ++i) {
      if (i == 0) {
        Symbol called;
        if (kind != Suppress::RaceTop && calleeOf(counters[0], called) && matches(suppression.pattern, called.name))
          return use(suppression), true;
      }
      if (matchesCode(suppression.pattern, counters[i] - 1)) return use(suppression), true;
      if (kind == Suppress::RaceTop) break;
    }
  }
  return false;
}

bool suppressesName(Suppress kind, const char* name) {
  for (Suppression& suppression : suppressions) {
    if (suppression.kind != kind) continue;
    Text<1024> qualified;
    qualifiedName(name, qualified);
    if (matches(suppression.pattern, qualified.c_str()) || matches(suppression.pattern, name))
      return use(suppression), true;
  }
  return false;
}

bool suppressesLibraries() { return libraries; }

bool calledFromSuppressedLibrary(Address pc) {
  if (!libraries) return false;
  for (const Suppression& suppression : suppressions)
    if (suppression.matchedLibrary && pc - suppression.begin < suppression.end - suppression.begin) return true;
  return false;
}

void findSuppressedLibraries() {
  if (!libraries) return;
  for (Suppression& suppression : suppressions)
    if (suppression.kind == Suppress::CalledFromLib) checkLibrary(suppression);
}

void forEachUsedSuppression(void (*visit)(const char* pattern, std::uint64_t used, bool first, std::uint64_t total)) {
  std::uint64_t total = 0;
  for (const Suppression& suppression : suppressions) total += suppression.used;
  bool first = true;
  for (const Suppression& suppression : suppressions) {
    if (suppression.used == 0) continue;
    visit(suppression.line, suppression.used, first, total);
    first = false;
  }
}

}  // namespace deadheat::rt
