// make_fcontext, jump_fcontext and ontop_fcontext: the switch of Boost.Context, written in assembler, which
// Boost.Fiber, Boost.Coroutine and Asio's stackful coroutines rest on. A context is named by where its stack pointer
// lies.
//
// The library's own functions do the work where a shared library has all three. Where it was linked statically, ours
// have taken the place of all three, since the runtime comes first; how a context is laid out is then our affair alone.
// A library without ontop_fcontext is one of before 2016, whose arguments are others: it is left alone.
#include "runtime/detect/fibers.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/interceptor.h"

extern "C" {
void deadheatFcontextJump();
void deadheatFcontextOntop();
void deadheatFcontextBegin();
}

namespace deadheat::rt {
namespace {

enum class Switches : int { NotKnown, Theirs, Ours, Other };
enum { kJump, kOntop, kFunctions };

__attribute__((section("deadheat_real"), used)) constinit RealFunction real[kFunctions] = {
    {"jump_fcontext", nullptr, nullptr}, {"ontop_fcontext", nullptr, nullptr}};

/// Decided once: what one function made the others have to understand.
Switches switches(RealFunction& make) {
  static constinit int decided = 0;
  int now = __atomic_load_n(&decided, __ATOMIC_ACQUIRE);
  if (now != 0) return static_cast<Switches>(now);
  const bool makes = resolve(make) != nullptr, jumps = resolve(real[kJump]) != nullptr;
  Switches found = !makes || !jumps                   ? Switches::Ours
                   : resolve(real[kOntop]) != nullptr ? Switches::Theirs
                                                      : Switches::Other;
  __atomic_compare_exchange_n(&decided, &now, static_cast<int>(found), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  return now == 0 ? found : static_cast<Switches>(now);
}

/// The words under a stack pointer of ours.
struct OwnContext {
  std::uint32_t mxcsr;
  std::uint16_t controlWord;
  std::uint16_t padding;
  Address r15, r14, r13, r12, rbx, rbp;
  Address next;
  Address end[2];  ///< The function is called with the stack pointer a multiple of 16.
};

void* makeOwn(Address top, void (*function)()) {
  auto* context = reinterpret_cast<OwnContext*>((top & ~Address{15}) - sizeof(OwnContext));
  *context = {};
  __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(context->mxcsr), "=m"(context->controlWord));
  context->rbx = reinterpret_cast<Address>(function);
  context->next = reinterpret_cast<Address>(deadheatFcontextBegin);
  return context;
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(void*, make_fcontext, (void* top, std::size_t size, void (*function)())) {
  const bool ours = switches(realEntry_make_fcontext) == Switches::Ours;
  void* context = ours ? makeOwn(addressOf(top), function) : real_make_fcontext(top, size, function);
  Thread* self = switches(realEntry_make_fcontext) == Switches::Other ? nullptr : currentThread();
  if (self != nullptr && context != nullptr) {
    fiberMade(self, DEADHEAT_CALLER_PC, addressOf(top) - size, size, reinterpret_cast<Address>(function));
    if (!inInstrumentedCode(addressOf(__builtin_return_address(0)))) fiberMadeUnseen(self, addressOf(context));
  }
  return context;
}

/// `to` is about to be entered by the function that returns to `*returnAddress`. Returns what does it.
extern "C" void* deadheatFcontextSwitch(std::uintptr_t to, int which, const std::uintptr_t* returnAddress) {
  using namespace deadheat::rt;
  Switches whose = switches(realEntry_make_fcontext);
  Thread* self = whose == Switches::Other ? nullptr : currentThread();
  if (self != nullptr)
    fiberSwitched(self, callerPc(*returnAddress, returnAddress), to, !inInstrumentedCode(*returnAddress));
  if (whose == Switches::Ours)
    return reinterpret_cast<void*>(which == kJump ? deadheatFcontextJump : deadheatFcontextOntop);
  return __atomic_load_n(&real[which].address, __ATOMIC_RELAXED);
}
