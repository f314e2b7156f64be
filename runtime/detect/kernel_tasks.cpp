#include "runtime/detect/kernel_tasks.h"

#include <fcntl.h>
#include <signal.h>

#include <cstddef>
#include <ctime>

#include "runtime/platform/raw_syscall.h"

namespace deadheat::rt {
namespace {

/// What rt_sigaction of the kernel takes; libc's struct differs.
struct KernelSigaction {
  void* handler;
  unsigned long flags;
  void* restorer;
  unsigned long mask;
};

constexpr int kSignals = 64;

struct Text {
  char bytes[4096];
  std::size_t size;
};

bool readFile(const char* path, Text& text) {
  long file = rawSyscall(SYS_open, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  long size = rawSyscall(SYS_read, file, reinterpret_cast<long>(text.bytes), sizeof(text.bytes) - 1);
  rawSyscall(SYS_close, file);
  text.size = size > 0 ? static_cast<std::size_t>(size) : 0;
  text.bytes[text.size] = 0;
  return size > 0;
}

/// What stands after `name` at the start of a line, or null.
const char* field(const Text& text, const char* name) {
  for (const char* line = text.bytes; *line != 0;) {
    std::size_t i = 0;
    while (name[i] != 0 && line[i] == name[i]) ++i;
    if (name[i] == 0) {
      line += i;
      while (*line == ' ' || *line == '\t') ++line;
      return line;
    }
    while (*line != 0 && *line != '\n') ++line;
    if (*line == '\n') ++line;
  }
  return nullptr;
}

std::uint64_t number(const char* digits) {
  std::uint64_t value = 0;
  for (; *digits >= '0' && *digits <= '9'; ++digits) value = value * 10 + static_cast<unsigned>(*digits - '0');
  return value;
}

std::uintptr_t hexadecimal(const char* digits) {
  std::uintptr_t value = 0;
  for (;; ++digits) {
    if (*digits >= '0' && *digits <= '9')
      value = value * 16 + static_cast<unsigned>(*digits - '0');
    else if (*digits >= 'a' && *digits <= 'f')
      value = value * 16 + static_cast<unsigned>(*digits - 'a' + 10);
    else
      return value;
  }
}

/// Writes "/proc/self/task/<task>" and `suffix`.
void taskPath(int task, const char* suffix, char* out) {
  const char* prefix = "/proc/self/task/";
  while (*prefix != 0) *out++ = *prefix++;
  char digits[12];
  int n = 0;
  do digits[n++] = static_cast<char>('0' + task % 10);
  while ((task /= 10) != 0);
  while (n != 0) *out++ = digits[--n];
  while (*suffix != 0) *out++ = *suffix++;
  *out = 0;
}

struct Mapping {
  std::uintptr_t begin;
  std::uintptr_t end;
  bool shared;
};

/// The lines of /proc/self/maps: "begin-end rwxp ...", where s in place of p means shared.
class MapReader {
 public:
  MapReader() : file_(rawSyscall(SYS_open, reinterpret_cast<long>("/proc/self/maps"), O_RDONLY | O_CLOEXEC)) {}
  ~MapReader() {
    if (file_ >= 0) rawSyscall(SYS_close, file_);
  }
  MapReader(const MapReader&) = delete;
  MapReader& operator=(const MapReader&) = delete;

  bool next(Mapping& mapping) {
    mapping.begin = hexadecimal();
    mapping.end = hexadecimal();
    char flags[4] = {};
    for (char& flag : flags) flag = read();
    mapping.shared = flags[3] == 's';
    char c = flags[3];
    while (c != 0 && c != '\n') c = read();
    return c != 0;
  }

 private:
  /// The number that ends at the next character that is no digit, which is read too.
  std::uintptr_t hexadecimal() {
    std::uintptr_t value = 0;
    for (;;) {
      char c = read();
      if (c >= '0' && c <= '9')
        value = value * 16 + static_cast<unsigned>(c - '0');
      else if (c >= 'a' && c <= 'f')
        value = value * 16 + static_cast<unsigned>(c - 'a' + 10);
      else
        return value;
    }
  }

  /// 0 at the end.
  char read() {
    if (at_ == size_) {
      long n = file_ < 0 ? 0 : rawSyscall(SYS_read, file_, reinterpret_cast<long>(buffer_), sizeof(buffer_));
      at_ = 0;
      size_ = n > 0 ? static_cast<std::size_t>(n) : 0;
      if (size_ == 0) return 0;
    }
    return buffer_[at_++];
  }

  long file_;
  char buffer_[1024];
  std::size_t at_ = 0;
  std::size_t size_ = 0;
};

bool isFault(int signal) {
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGABRT ||
         signal == SIGTRAP || signal == SIGSYS;
}

}  // namespace

int currentTask() { return static_cast<int>(rawSyscall(SYS_gettid)); }

TaskState taskState(int task) {
  constexpr TaskState kUnknown{false, 0, 0};
  char path[48];
  Text text;
  taskPath(task, "/status", path);
  if (!readFile(path, text)) return kUnknown;
  const char* state = field(text, "State:");
  const char* switches = field(text, "voluntary_ctxt_switches:");
  if (state == nullptr || switches == nullptr || *state != 'S') return kUnknown;
  std::uint64_t timesSlept = number(switches);
  taskPath(task, "/syscall", path);  // "202 0x7f..." and the other arguments, or "running".
  if (!readFile(path, text) || number(text.bytes) != SYS_futex) return kUnknown;
  const char* argument = text.bytes;
  while (*argument != 0 && *argument != 'x') ++argument;
  return {*argument == 'x', timesSlept, *argument == 'x' ? hexadecimal(argument + 1) : 0};
}

bool taskExists(int task) {
  // Signal 0 is not sent, only looked at.
  return task > 0 && rawSyscall(SYS_tgkill, rawSyscall(SYS_getpid), task, 0) == 0;
}

long taskCount() {
  Text text;
  if (!readFile("/proc/self/status", text)) return -1;
  const char* threads = field(text, "Threads:");
  return threads == nullptr ? -1 : static_cast<long>(number(threads));
}

bool handlesSignals() {
  for (int signal = 1; signal <= kSignals; ++signal) {
    // 32 and 33 are glibc's own: thread cancellation and setuid.
    if (isFault(signal) || signal == 32 || signal == 33) continue;
    KernelSigaction action{};
    if (rawSyscall(SYS_rt_sigaction, signal, 0, reinterpret_cast<long>(&action), sizeof(action.mask)) != 0) continue;
    if (action.handler != reinterpret_cast<void*>(SIG_DFL) && action.handler != reinterpret_cast<void*>(SIG_IGN))
      return true;
  }
  return false;
}

bool inSharedMemory(std::uintptr_t address) {
  MapReader maps;
  Mapping mapping;
  while (maps.next(mapping))
    if (address >= mapping.begin && address < mapping.end) return mapping.shared;
  return false;
}

void giveWay() { rawSyscall(SYS_sched_yield); }

void sleepMicros(long micros) {
  timespec time{micros / 1000000, micros % 1000000 * 1000};
  rawSyscall(SYS_nanosleep, reinterpret_cast<long>(&time), 0);
}

}  // namespace deadheat::rt
