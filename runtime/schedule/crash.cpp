// The end of a controlled run by a signal: which one, and where the thread was. The default action follows, so the program
// ends as it would have; a program that handles the signal itself keeps its handler.
#include "runtime/schedule/crash.h"

#include <signal.h>
#include <ucontext.h>

#include "runtime/bounds/bounds.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/caller.h"
#include "runtime/platform/pages.h"
#include "runtime/platform/raw_syscall.h"
#include "runtime/record/recording.h"
#include "runtime/schedule/controlled.h"

namespace deadheat::rt {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
constexpr std::size_t kStackBytes = 1 << 16;

/// As the kernel has it.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  unsigned long mask;
};
constexpr unsigned long kHasRestorer = 0x04000000;

Address abortPc;          ///< Where the program asked for its end; 0: it did not.
const char* abortText;
bool told;

/// As a return address. In libraries and in the runtime the last announced operation says more than the instruction.
Address crashedAt(const ucontext_t& context) {
  if (abortPc != 0) return abortPc;
  auto at = static_cast<Address>(context.uc_mcontext.gregs[REG_RIP]);
  if (inInstrumentedCode(at) && !inRuntimeCode(at)) return at + 1;
  return ownControlled == nullptr ? 0 : ownControlled->pending.pc;
}

void writeCrash(Thread* self, Address pc, std::uint32_t signal) {
  RuntimeScope scope;
  RecordWriter writer(protocol::RecordType::Crash);
  auto* record = writer.add<protocol::CrashRecord>();
  record->signal = signal;
  record->thread = threadId(self);
  writer.addStack(currentContext(self), pc);
  if (abortText != nullptr) record->textSize = writer.addText(abortText);
  writer.commit();
}

void tellCrash(int signal, const ucontext_t& context) {
  Thread* self = ownThread;
  if (self == nullptr || __atomic_exchange_n(&told, true, __ATOMIC_ACQ_REL)) return;
  writeCrash(self, crashedAt(context), static_cast<std::uint32_t>(signal));
}

void setDefault(int signal) {
  KernelAction action{};
  rawSyscall(SYS_rt_sigaction, signal, reinterpret_cast<long>(&action), 0, sizeof(action.mask));
}

/// Returns into the fault, which then has its default effect; abort() raises its signal again by itself.
void onCrash(int signal, siginfo_t*, void* context) {
  setDefault(signal);
  tellCrash(signal, *static_cast<const ucontext_t*>(context));
}

}  // namespace

extern "C" void deadheat_signal_return();
__asm__(".hidden deadheat_signal_return\n.type deadheat_signal_return, @function\n"
        "deadheat_signal_return:\n\tmov $15, %eax\n\tsyscall\n");

void watchCrashes() {
  stack_t stack{};
  stack.ss_sp = allocateForever(kStackBytes);
  stack.ss_size = kStackBytes;
  rawSyscall(SYS_sigaltstack, reinterpret_cast<long>(&stack), 0);
  KernelAction action{onCrash, SA_SIGINFO | SA_ONSTACK | SA_NODEFER | kHasRestorer, deadheat_signal_return, 0};
  for (int signal : kSignals) {
    KernelAction old{};
    rawSyscall(SYS_rt_sigaction, signal, 0, reinterpret_cast<long>(&old), sizeof(old.mask));
    if (old.handler == nullptr)  // SIG_DFL.
     
      rawSyscall(SYS_rt_sigaction, signal, reinterpret_cast<long>(&action), 0, sizeof(action.mask));
  }
}

void recordPlace(Thread* self, Address pc) { writeCrash(self, pc, 0); }

void aborting(Address pc, const char* text) {
  abortPc = pc;
  abortText = text;
}

}  // namespace deadheat::rt
