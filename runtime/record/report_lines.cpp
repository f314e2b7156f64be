#include "runtime/record/report_lines.h"

#include "runtime/bounds/bounds.h"
#include "runtime/detect/thread.h"
#include "runtime/record/options.h"
#include "runtime/record/symbols.h"

// The program may define either.
extern "C" {
__attribute__((weak)) bool __tsan_symbolize_external(deadheat::rt::Address counter, char* function,
                                                     std::size_t functionSize, char* file, std::size_t fileSize,
                                                     int* line, int* column);
__attribute__((weak)) void __tsan_symbolize_external_ex(deadheat::rt::Address counter,
                                                        void (*add)(void*, const char*, const char*, int, int),
                                                        void* context);
}

namespace deadheat::rt {
namespace {

constexpr std::uint32_t kFramesShown = 128;

/// `code` is where in the function, for those who ask for addresses; 0: not known.
void addFrame(Page& page, std::uint32_t number, Address code, const char* function) {
  page << "    #" << number << " ";
  if (options.addresses && code != 0) page.hex(code) << " in ";
  page << function << "\n";
}

/// Frames of a virtual machine's code, which tells of them itself.
struct ExternalFrames {
  Page& page;
  std::uint32_t& number;

  static void add(void* data, const char* function, const char* file, int line, int column) {
    auto* frames = static_cast<ExternalFrames*>(data);
    frames->page << "    #" << frames->number++ << " " << function << " " << file << ":"
                 << static_cast<std::uint64_t>(line) << ":" << static_cast<std::uint64_t>(column) << "\n";
  }
};

void addExternal(Page& page, std::uint32_t& number, Address counter) {
  ExternalFrames frames{page, number};
  if (__tsan_symbolize_external_ex != nullptr) return __tsan_symbolize_external_ex(counter, &ExternalFrames::add, &frames);
  char function[1024];
  char file[1024];
  int line = 0;
  int column = 0;
  if (__tsan_symbolize_external != nullptr &&
      __tsan_symbolize_external(counter, function, sizeof(function), file, sizeof(file), &line, &column))
    ExternalFrames::add(&frames, function, file, line, column);
}

void addCode(Page& page, std::uint32_t& number, Address code) {
  if (code >= kExternalCounter) return addExternal(page, number, code);
  Symbol symbol;
  page << "    #" << number++ << " ";
  if (options.addresses) page.hex(code + 1) << " in ";
  if (!functionAt(code, symbol)) {
    page.hex(code) << "\n";
    return;
  }
  if (symbol.name != nullptr) page << symbol.name << " ";
  page << "(" << symbol.module << "+";
  page.hex(symbol.offset) << ")\n";
}

bool beginsWith(const char* text, const char* prefix) {
  while (*prefix != 0 && *text == *prefix) ++text, ++prefix;
  return *prefix == 0;
}

/// Functions that only tell of an operation that is made elsewhere.
bool isCompilerHook(const char* function) {
  if (beginsWith(function, "__sanitizer_syscall_") || beginsWith(function, "__deadheat_")) return true;
  constexpr char kPrefix[] = "__tsan_";
  if (!beginsWith(function, kPrefix)) return false;
  constexpr const char* kCalls[] = {"memcpy", "memmove", "memset", "check_no_mutexes_held"};
  for (const char* call : kCalls)
    if (sameText(function + sizeof(kPrefix) - 1, call)) return false;
  return true;
}

void addName(Page& page, const protocol::ThreadRecord& thread) {
  if (thread.name[0] != 0) page << " '" << thread.name << "'";
}

void tellThread(Page& page, const protocol::ThreadRecord& thread) {
  const Thread* state = threadById(thread.id);
  bool running = state != nullptr && (__atomic_load_n(&state->life, __ATOMIC_ACQUIRE) & kFinished) == 0;
  page << "  thread " << thread.id;
  addName(page, thread);
  page << " (system thread " << thread.osId << ", " << (running ? "running" : "ended") << "), created by ";
  addThread(page, thread.parent);
  page << "\n";
  RecordReader reader(thread.header);
  reader.take<protocol::ThreadRecord>();
  addStack(page, reader.takeCounters(thread.stackSize), thread.stackSize, "pthread_create");
}

void tellLock(Page& page, std::uint32_t number, const protocol::LockRecord& lock) {
  page << "  lock " << number << " at ";
  page.hex(lock.address) << " made by ";
  addThread(page, lock.thread);
  page << "\n";
  RecordReader reader(lock.header);
  reader.take<protocol::LockRecord>();
  std::uint32_t size = 0;
  const std::uint64_t* counters = reader.takeStack(size);
  addStack(page, counters, size);
}

const char* stateName(protocol::TaskState state) {
  switch (state) {
    case protocol::TaskState::Running: return "running";
    case protocol::TaskState::Suspended: return "suspended";
    case protocol::TaskState::Ended: return "ended";
    case protocol::TaskState::Destroying: return "being destroyed";
    case protocol::TaskState::Destroyed: return "destroyed";
  }
  return "unknown";
}

void tellTask(Page& page, const protocol::TaskRecord& task) {
  page << (task.entry != 0 ? "  fiber " : "  task ") << task.task << " ("<< stateName(task.state) << "), created by ";
  addThread(page, task.thread);
  if (task.creator != 0) page << " in task " << task.creator;
  page << "\n";
  RecordReader reader(task.header);
  reader.take<protocol::TaskRecord>();
  std::uint32_t size = 0;
  const std::uint64_t* counters = reader.takeStack(size);
  addStack(page, counters, size);
  counters = reader.takeStack(size);
  if (size == 0) return;
  page << "   suspended last at\n";
  addStack(page, counters, size);
}

}  // namespace

Address shownCallee(Address returnAddress) {
  Symbol called;
  return calleeOf(returnAddress, called) && !isCompilerHook(called.name) ? called.begin : 0;
}

void addStack(Page& page, const std::uint64_t* counters, std::uint32_t size, const char* operation) {
  std::uint32_t number = 0;
  Symbol called;
  bool known = size != 0 && calleeOf(counters[0] + 1, called) && !isCompilerHook(called.name);
  if (operation != nullptr && size != 0 && !(known && inRuntimeCode(called.begin)))
    addFrame(page, number++, 0, operation);
  if (known) addFrame(page, number++, called.begin + 1, called.name);
  for (std::uint32_t i = 0; i < size && i < kFramesShown; ++i) addCode(page, number, i == 0 || counters[i] >= kExternalCounter ? counters[i] : counters[i] - 1);
}

void addThread(Page& page, std::uint32_t id) {
  if (id == kNoThread) {
    page << "an unknown thread";
    return;
  }
  if (id == 0) {
    page << "the main thread";
    return;
  }
  page << "thread " << id;
  findRecord<protocol::ThreadRecord>(
      protocol::RecordType::Thread, [id](const protocol::ThreadRecord& thread) { return thread.id == id; },
      [&page](const protocol::ThreadRecord& thread) { addName(page, thread); });
}

void Mentions::thread(std::uint32_t id) {
  if (id == 0 || id == kNoThread || threadCount_ == kMost) return;
  for (std::uint32_t i = 0; i < threadCount_; ++i)
    if (threads_[i] == id) return;
  threads_[threadCount_++] = id;
}

std::uint32_t Mentions::lock(const protocol::LockInfo& lock) {
  for (std::uint32_t i = 0; i < lockCount_; ++i)
    if (locks_[i].address == lock.address && locks_[i].instance == lock.instance) return i;
  if (lockCount_ == kMost) return lockCount_;
  locks_[lockCount_] = lock;
  return lockCount_++;
}

std::uint32_t Mentions::task(std::uint32_t number) {
  for (std::uint32_t i = 0; i < taskCount_; ++i)
    if (tasks_[i] == number) return number;
  if (taskCount_ != kMost) tasks_[taskCount_++] = number;
  return number;
}

void Mentions::tasksOf(std::uint32_t thread) {
  findLastRecord<protocol::TaskStackRecord>(
      protocol::RecordType::TaskStack,
      [thread](const protocol::TaskStackRecord& record) { return record.thread == thread; },
      [this](const protocol::TaskStackRecord& record) {
        RecordReader reader(record.header);
        for (std::uint32_t left = reader.take<protocol::TaskStackRecord>().count; left != 0; --left)
          task(static_cast<std::uint32_t>(reader.take<std::uint64_t>()));
      });
}

void Mentions::tell(Page& page) {
  for (std::uint32_t i = 0; options.fullThreadHistory && i < threadCount_; ++i)
    findRecord<protocol::ThreadRecord>(
        protocol::RecordType::Thread,
        [this, i](const protocol::ThreadRecord& record) { return record.id == threads_[i]; },
        [this](const protocol::ThreadRecord& record) { thread(record.parent); });
  for (std::uint32_t i = 0; i < lockCount_; ++i)
    findRecord<protocol::LockRecord>(
        protocol::RecordType::Lock,
        [this, i](const protocol::LockRecord& lock) { return lock.instance == locks_[i].instance; },
        [&page, i](const protocol::LockRecord& lock) { tellLock(page, i, lock); });
  for (std::uint32_t i = 0; i < taskCount_; ++i)
    findLastRecord<protocol::TaskRecord>(
        protocol::RecordType::Task, [this, i](const protocol::TaskRecord& task) { return task.task == tasks_[i]; },
        [&page](const protocol::TaskRecord& task) { tellTask(page, task); });
  for (std::uint32_t i = 0; i < threadCount_; ++i)
    findRecord<protocol::ThreadRecord>(
        protocol::RecordType::Thread,
        [this, i](const protocol::ThreadRecord& thread) { return thread.id == threads_[i]; },
        [&page](const protocol::ThreadRecord& thread) { tellThread(page, thread); });
}

}  // namespace deadheat::rt
