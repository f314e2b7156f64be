// What runs at the end of the program: it comes after who asked for it, and a stack in it tells where that was.
//
// atexit() is a part of each program that calls __cxa_atexit, as do the constructors of static objects.
#include "runtime/bounds/bounds.h"
#include "runtime/detect/call_stack.h"
#include "runtime/detect/context_tree.h"
#include "runtime/detect/locks.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/platform/pages.h"

namespace deadheat::rt {
namespace {

/// A call to be made at the end, with the place that asked for it.
struct ExitCall {
  void (*function)();
  void* argument;
  Context context;
  Address pc;
};

ExitCall* newExitCall(const Thread* self, Address pc, void (*function)(), void* argument) {
  RuntimeScope scope;
  auto* call = static_cast<ExitCall*>(allocateForever(sizeof(ExitCall)));
  *call = {function, argument, currentContext(self), pc};
  return call;
}

/// Runs `run` with the stack that asked for it below.
template <class Run>
void runExitCall(const ExitCall& call, void (*how)(), Run run) {
  Thread* self = currentThread();
  if (self == nullptr) return run();
  acquire(self, addressOf(&call));
  Context before = self->calls.context();
  self->calls.setContext(childContext(childContext(call.context, call.pc), reinterpret_cast<Address>(how) + 1));
  run();
  if (Thread* after = currentThread(); after == self) self->calls.setContext(before);
}

void atExit(void* data) {
  const auto* call = static_cast<const ExitCall*>(data);
  runExitCall(*call, call->argument == nullptr ? calledAtExit : destroyedAtExit, [=] { reinterpret_cast<void (*)(void*)>(call->function)(call->argument); });
}

void onExit(int status, void* data) {
  const auto* call = static_cast<const ExitCall*>(data);
  runExitCall(*call, calledOnExit, [=] { reinterpret_cast<void (*)(int, void*)>(call->function)(status, call->argument); });
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, __cxa_atexit, (void (*function)(void*), void* argument, void* module)) {
  Thread* self = currentThread();
  if (self == nullptr) return real___cxa_atexit(function, argument, module);
  ExitCall* call = newExitCall(self, DEADHEAT_CALLER_PC, reinterpret_cast<void (*)()>(function), argument);
  release(self, addressOf(call));
  return real___cxa_atexit(atExit, call, module);
}

namespace deadheat::rt {
namespace {

using Main = int (*)(int, char**, char**);
Main realMain;

/// The end of the process is an operation like others: threads that still run may come first, or not.
void announceExit(Address pc) {
  if (!scheduleControlled) return;
  if (Thread* self = currentThread()) scheduleAnnounce(self, pc, Operation::Exit, 0);
}

int announcedMain(int count, char** arguments, char** variables) {
  int result = realMain(count, arguments, variables);
  if (Thread* self = currentThread()) lockMainReturned(self, reinterpret_cast<Address>(realMain) + 1);
  announceExit(reinterpret_cast<Address>(realMain) + 1);
  return result;
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, __libc_start_main,
                   (Main main, int count, char** arguments, void (*begin)(), void (*end)(), void (*loaderEnd)(),
                    void* stackEnd)) {
  realMain = main;
  return real___libc_start_main(announcedMain, count, arguments, begin, end, loaderEnd, stackEnd);
}

DEADHEAT_INTERCEPT(void, exit, (int code)) {
  announceExit(DEADHEAT_CALLER_PC);
  real_exit(code);
}

DEADHEAT_INTERCEPT(int, on_exit, (void (*function)(int, void*), void* argument)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_on_exit(function, argument);
  ExitCall* call = newExitCall(self, DEADHEAT_CALLER_PC, reinterpret_cast<void (*)()>(function), argument);
  release(self, addressOf(call));
  return real_on_exit(onExit, call);
}
