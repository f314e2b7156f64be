// makecontext and its kin: fibers. Switching by setjmp and longjmp between stacks that makecontext was told of, too.
//
// Returning from a context's function goes on at its uc_link inside the C library, unseen; so the function is called by
// one of ours. Arguments are words, as the C library on this machine has them.
#include <setjmp.h>
#include <stdarg.h>
#include <ucontext.h>

#include "runtime/detect/fibers.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/platform/pages.h"

namespace deadheat::rt {
namespace {

constexpr int kMostArguments = 8;

/// What the first function on a new stack has to know. Lies at the far end of that stack, where the function never is.
struct Entry {
  Fiber* fiber;
  void (*function)(long, long, long, long, long, long, long, long);
  long arguments[kMostArguments];
  const ucontext_t* context;
};

Address stackPointerOf(const ucontext_t* context) {
  return context == nullptr ? 0 : static_cast<Address>(context->uc_mcontext.gregs[REG_RSP]);
}

void runEntry(long data) {
  Entry entry = *reinterpret_cast<Entry*>(data);
  const long* a = entry.arguments;
  entry.function(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
  if (Thread* self = currentThread()) fiberEnded(self, entry.fiber, stackPointerOf(entry.context->uc_link));
}

void switchTo(Address pc, Address stackPointer) {
  if (Thread* self = currentThread()) fiberSwitched(self, pc, stackPointer);
}

/// What the C library keeps in a jmp_buf, which it hides from overwriting.
Address stackPointerOf(const __jmp_buf_tag* saved) {
  constexpr int kStackPointer = 6;
  Address hidden = static_cast<Address>(saved->__jmpbuf[kStackPointer]);
  Address guard;
  __asm__("movq %%fs:0x30, %0" : "=r"(guard));
  return (hidden >> 17 | hidden << 47) ^ guard;
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(void, makecontext, (ucontext_t * context, void (*function)(), int count, ...)) {
  Entry entry{nullptr, reinterpret_cast<decltype(entry.function)>(function), {}, context};
  va_list list;
  va_start(list, count);
  for (int i = 0; i < count && i < kMostArguments; ++i) entry.arguments[i] = va_arg(list, long);
  va_end(list);
  auto stack = addressOf(context->uc_stack.ss_sp);
  std::size_t size = context->uc_stack.ss_size;
  Thread* self = currentThread();
  if (self != nullptr && count <= kMostArguments && size > 16 * sizeof(Entry))
    entry.fiber = fiberMade(self, DEADHEAT_CALLER_PC, stack, size, addressOf(reinterpret_cast<void*>(function)));
  const long* a = entry.arguments;
  if (entry.fiber == nullptr)
    return real_makecontext(context, function, count, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
  auto* place = reinterpret_cast<Entry*>((stack + 15) & ~Address{15});
  *place = entry;
  real_makecontext(context, reinterpret_cast<void (*)()>(runEntry), 1, reinterpret_cast<long>(place));
}

DEADHEAT_INTERCEPT(int, swapcontext, (ucontext_t * from, const ucontext_t* to)) {
  switchTo(DEADHEAT_CALLER_PC, stackPointerOf(to));
  return real_swapcontext(from, to);
}

DEADHEAT_INTERCEPT(int, setcontext, (const ucontext_t* to)) {
  switchTo(DEADHEAT_CALLER_PC, stackPointerOf(to));
  return real_setcontext(to);
}

DEADHEAT_INTERCEPT(void, longjmp, (__jmp_buf_tag * saved, int value)) {
  switchTo(DEADHEAT_CALLER_PC, stackPointerOf(saved));
  real_longjmp(saved, value);
}

DEADHEAT_INTERCEPT(void, _longjmp, (__jmp_buf_tag * saved, int value)) {
  switchTo(DEADHEAT_CALLER_PC, stackPointerOf(saved));
  real__longjmp(saved, value);
}

DEADHEAT_INTERCEPT(void, siglongjmp, (__jmp_buf_tag * saved, int value)) {
  switchTo(DEADHEAT_CALLER_PC, stackPointerOf(saved));
  real_siglongjmp(saved, value);
}
