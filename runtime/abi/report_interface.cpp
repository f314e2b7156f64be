// The interface through which a program looks at ThreadSanitizer's reports and settings.
//
// Our reports are records in a file, so a program that asks is told that there is no current report. What a program may
// define to be called (default options, hooks) is weak here: it links, and is not called.
#include "runtime/abi/export.h"
#include "runtime/detect/blocks.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/futex.h"

using namespace deadheat::rt;

DEADHEAT_EXPORT_WEAK void __tsan_on_report(void* report) {}
DEADHEAT_EXPORT_WEAK void __tsan_on_initialize() {}
DEADHEAT_EXPORT_WEAK int __tsan_on_finalize(int failed) { return failed; }
DEADHEAT_EXPORT_WEAK const char* __tsan_default_options() { return ""; }
DEADHEAT_EXPORT_WEAK const char* __tsan_default_suppressions() { return ""; }
DEADHEAT_EXPORT_WEAK bool __tsan_symbolize_external(Address pc, char* function, std::size_t functionSize, char* file,
                                                    std::size_t fileSize, int* line, int* column) {
  return false;
}
DEADHEAT_EXPORT_WEAK void __tsan_symbolize_external_ex(Address pc,
                                                       void (*add)(void*, const char*, const char*, int, int),
                                                       void* context) {}

/// Nothing to give back: shadow memory holds what later accesses are checked against.
DEADHEAT_EXPORT void __tsan_flush_memory() {}
DEADHEAT_EXPORT void __tsan_on_thread_idle() {}

DEADHEAT_EXPORT void* __tsan_get_current_report() { return nullptr; }

// Of a report there never is; 0 says that the question could not be answered.
#define DEADHEAT_NO_REPORT(name) \
  DEADHEAT_EXPORT int name(void* report) { return 0; }
DEADHEAT_NO_REPORT(__tsan_get_report_data)
DEADHEAT_NO_REPORT(__tsan_get_report_stack)
DEADHEAT_NO_REPORT(__tsan_get_report_mop)
DEADHEAT_NO_REPORT(__tsan_get_report_loc)
DEADHEAT_NO_REPORT(__tsan_get_report_loc_object_type)
DEADHEAT_NO_REPORT(__tsan_get_report_mutex)
DEADHEAT_NO_REPORT(__tsan_get_report_thread)
DEADHEAT_NO_REPORT(__tsan_get_report_unique_tid)
DEADHEAT_NO_REPORT(__tsan_get_report_tag)

/// "heap" for a block of the heap, else "".
DEADHEAT_EXPORT const char* __tsan_locate_address(Address address, char* name, std::size_t nameSize, Address* begin,
                                                  std::size_t* size) {
  if (nameSize != 0) *name = 0;
  BlockInfo block;
  if (currentThread() == nullptr || !findBlock(address, block)) return "";
  *begin = block.begin;
  *size = block.size;
  return "heap";
}

/// The stack that allocated the block `address` lies in. Returns its length, 0 when there is no block.
DEADHEAT_EXPORT int __tsan_get_alloc_stack(Address address, Address* trace, std::size_t size, int* thread, void* osId) {
  BlockInfo block;
  if (currentThread() == nullptr || !findBlock(address, block)) return 0;
  *thread = static_cast<int>(block.thread);
  return static_cast<int>(unwind(block.context, block.pc, trace, size));
}

// Two for ThreadSanitizer's own tests: a barrier that orders nothing, and the depth of the call stack.
DEADHEAT_EXPORT void __tsan_testonly_barrier_init(std::uint64_t* barrier, unsigned count) { *barrier = count; }
DEADHEAT_EXPORT void __tsan_testonly_barrier_wait(std::uint64_t* barrier) {
  auto* words = reinterpret_cast<std::uint32_t*>(barrier);  // Low: how many take part. High: how many came so far.
  std::uint32_t count = words[0];
  std::uint32_t arrived = __atomic_add_fetch(&words[1], 1, __ATOMIC_SEQ_CST);
  std::uint32_t target = (arrived + count - 1) / count * count;
  if (arrived == target) return futexWakeAll(reinterpret_cast<int*>(&words[1]));
  while (arrived < target) {
    futexWait(reinterpret_cast<int*>(&words[1]), static_cast<int>(arrived));
    arrived = __atomic_load_n(&words[1], __ATOMIC_SEQ_CST);
  }
}
DEADHEAT_EXPORT std::size_t __tsan_testonly_shadow_stack_current_size() {
  Thread* self = currentThread();
  return self == nullptr ? 0 : self->calls.depth();
}
