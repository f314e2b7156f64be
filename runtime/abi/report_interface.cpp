// The interface through which a program looks at ThreadSanitizer's reports and settings.
//
// What a program, or a library of it, may define to be called is a weak reference here. A report is a record of the recording
// (abi/report_query.cpp reads it), the current one while __tsan_on_report runs.
#include "runtime/abi/export.h"
#include "runtime/detect/blocks.h"
#include "runtime/detect/memory_place.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/caller.h"
#include "runtime/platform/futex.h"
#include "runtime/record/report_hooks.h"
#include "runtime/record/report_lines.h"
#include "runtime/record/symbols.h"

using namespace deadheat::rt;

extern "C" {
__attribute__((weak)) void __tsan_on_report(void* report);
__attribute__((weak)) void __tsan_on_initialize();
__attribute__((weak)) int __tsan_on_finalize(int failed);
}
// The same hooks as they are known inside ThreadSanitizer, for programs that define those.
namespace __tsan {
__attribute__((weak)) void OnInitialize();
__attribute__((weak)) bool OnFinalize(bool failed);
__attribute__((weak)) void OnPotentiallyBlockingRegionBegin();
__attribute__((weak)) void OnPotentiallyBlockingRegionEnd();
}  // namespace __tsan

namespace deadheat::rt {
void programBegins() {
  RuntimeScope scope;
  if (__tsan_on_initialize != nullptr) __tsan_on_initialize();
  if (__tsan::OnInitialize != nullptr) __tsan::OnInitialize();
}
bool programEnds(bool failed) {
  RuntimeScope scope;
  if (__tsan::OnFinalize != nullptr) failed = __tsan::OnFinalize(failed);
  return __tsan_on_finalize == nullptr ? failed : __tsan_on_finalize(failed ? 1 : 0) != 0;
}
void blockingRegion(bool begins) {
  void (*hook)() = begins ? __tsan::OnPotentiallyBlockingRegionBegin : __tsan::OnPotentiallyBlockingRegionEnd;
  if (hook != nullptr) hook();
}
}  // namespace deadheat::rt

/// Nothing to give back: shadow memory holds what later accesses are checked against.
DEADHEAT_EXPORT void __tsan_flush_memory() {}
DEADHEAT_EXPORT void __tsan_on_thread_idle() {}

namespace deadheat::rt {
static __thread void* currentReport __attribute__((tls_model("initial-exec")));

void notifyReport(void* record) {
  deadheat_on_failure();
  if (record == nullptr || __tsan_on_report == nullptr) return;
  RuntimeScope scope;
  currentReport = record;
  __tsan_on_report(record);
  currentReport = nullptr;
}
}  // namespace deadheat::rt

DEADHEAT_EXPORT void* __tsan_get_current_report() { return currentReport; }

/// "heap", "stack", "tls", "global" or "". Name and extent as far as there are any.
DEADHEAT_EXPORT const char* __tsan_locate_address(Address address, char* name, std::size_t nameSize, Address* begin,
                                                  std::size_t* size) {
  if (nameSize != 0) *name = 0;
  *begin = 0;
  *size = 0;
  if (currentThread() == nullptr) return "";
  RuntimeScope scope;
  MemoryPlace place(address);
  Symbol variable;
  switch (place.info.place) {
    case deadheat::protocol::Place::Heap:
      *begin = place.info.address;
      *size = place.info.size;
      return "heap";
    case deadheat::protocol::Place::Stack: return "stack";
    case deadheat::protocol::Place::ThreadLocal: return "tls";
    default: break;
  }
  if (!variableAt(address, variable)) return "";
  for (std::size_t i = 0; i + 1 < nameSize; ++i) {
    name[i] = variable.name[i];
    name[i + 1] = 0;
    if (variable.name[i] == 0) break;
  }
  *begin = variable.begin;
  *size = variable.size;
  return "global";
}

/// The stack that allocated the block `address` lies in. Returns its length, 0 when there is no block.
DEADHEAT_EXPORT int __tsan_get_alloc_stack(Address address, Address* trace, std::size_t size, int* thread, void* osId) {
  BlockInfo block;
  if (currentThread() == nullptr || !findBlock(address, block)) return 0;
  *thread = static_cast<int>(block.thread);
  findRecord<deadheat::protocol::ThreadRecord>(
      deadheat::protocol::RecordType::Thread,
      [&](const deadheat::protocol::ThreadRecord& record) { return record.id == block.thread; },
      [&](const deadheat::protocol::ThreadRecord& record) { *static_cast<std::uint64_t*>(osId) = record.osId; });
  std::size_t count = 0;
  if (Address called = shownCallee(block.pc); called != 0 && count < size) trace[count++] = called + 1;
  count += unwind(block.context, block.pc, trace + count, size - count);
  while (count > 1 && !inInstrumentedCode(trace[count - 1] - 1)) --count;
  return static_cast<int>(count);
}

// Two for ThreadSanitizer's own tests: a barrier that orders nothing, and the depth of the call stack. A barrier is one
// 32-bit word: how many take part in the low bits, how many came so far above them.
namespace {
constexpr unsigned kPartyBits = 10;
unsigned arrivals(unsigned word) { return word >> kPartyBits; }
}  // namespace

DEADHEAT_EXPORT void __tsan_testonly_barrier_init(unsigned* barrier, unsigned parties) {
  __atomic_store_n(barrier, parties, __ATOMIC_RELAXED);
}
DEADHEAT_EXPORT void __tsan_testonly_barrier_wait(unsigned* barrier) {
  unsigned word = __atomic_add_fetch(barrier, 1u << kPartyBits, __ATOMIC_SEQ_CST);
  unsigned parties = word & ((1u << kPartyBits) - 1);
  unsigned round = (arrivals(word) - 1) / parties;
  const int* futex = reinterpret_cast<const int*>(barrier);
  if (arrivals(word) % parties == 0) return futexWakeAll(futex);
  while (arrivals(word) / parties == round) {
    futexWait(futex, static_cast<int>(word));
    word = __atomic_load_n(barrier, __ATOMIC_SEQ_CST);
  }
}
DEADHEAT_EXPORT std::size_t __tsan_testonly_shadow_stack_current_size() {
  Thread* self = currentThread();
  return self == nullptr ? 0 : self->calls.depth();
}
