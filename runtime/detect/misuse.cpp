#include "runtime/detect/misuse.h"

#include "runtime/detect/mix.h"
#include "runtime/detect/native_stack.h"
#include "runtime/detect/thread.h"
#include "runtime/record/options.h"
#include "runtime/record/recording.h"
#include "runtime/record/report_hooks.h"
#include "runtime/record/suppressions.h"

namespace deadheat::rt {
namespace {

using protocol::MisuseKind;

constexpr std::size_t kTold = 1024;
std::uint64_t told[kTold];  ///< Direct-mapped.

bool firstTime(MisuseKind kind, Context context, Address pc) {
  std::uint64_t key = mix(mix(pc) + mix(context * 64ull + static_cast<unsigned>(kind))) | 1;
  return __atomic_exchange_n(&told[key % kTold], key, __ATOMIC_RELAXED) != key;
}

void report(MisuseKind kind, ThreadId thread, std::uint32_t detail, Context context, Address pc,
            Context secondContext = 0, Address secondPc = 0) {
  RuntimeScope scope;
  void* record = nullptr;
  {
    RecordWriter writer(protocol::RecordType::Misuse);
    auto* misuse = writer.add<protocol::MisuseRecord>();
    misuse->kind = kind;
    misuse->thread = thread;
    misuse->detail = detail;
    misuse->hasSecond = secondPc != 0 ? 1 : 0;
    writer.add<protocol::LockInfo>();
    writer.addStack(context, pc);
    if (secondPc != 0) writer.addStack(secondContext, secondPc);
    record = writer.commit();
  }
  notifyReport(record);
}

ThreadId firstOwnThread;  ///< Of this process; those before are its parent's.

/// Threads that leaked, by the place that created them.
struct Leaks {
  static constexpr std::size_t kMost = 64;
  struct Leak {
    ThreadId thread;
    Context context;
    Address pc;
    std::uint32_t more;
  };
  Leak leaks[kMost];
  std::size_t count = 0;

  static void visit(Thread* thread, void* data) {
    std::uint32_t life = __atomic_load_n(&thread->life, __ATOMIC_ACQUIRE);
    if (life != kFinished || thread->createdPc == 0 || thread->fiber || thread->id < firstOwnThread) return;
    static_cast<Leaks*>(data)->add(*thread);
  }
  void add(const Thread& thread) {
    for (std::size_t i = 0; i < count; ++i) {
      if (leaks[i].context != thread.createdContext || leaks[i].pc != thread.createdPc) continue;
      ++leaks[i].more;
      if (thread.id < leaks[i].thread) leaks[i].thread = thread.id;
      return;
    }
    if (count < kMost) leaks[count++] = {thread.id, thread.createdContext, thread.createdPc, 0};
  }
};

}  // namespace

void misuseForked() { firstOwnThread = nextThreadId(); }

void reportThreadLeaks() {
  if (!options.threadLeaks) return;
  RuntimeScope scope;
  static Leaks leaks;  // Too large for a stack.
  forEachThread(&Leaks::visit, &leaks);
  for (std::size_t i = 0; i < leaks.count; ++i) {
    const Leaks::Leak& leak = leaks.leaks[i];
    if (suppressesStack(Suppress::Thread, leak.context, leak.pc)) continue;
    report(MisuseKind::ThreadLeaked, leak.thread, leak.more, leak.context, leak.pc);
  }
}

void reportUnsafeInHandler(Thread* self, Address pc) {
  if (!options.handlers) return;
  // Mostly a library allocates, and its frames lie where others were before: what looks like a call there may be old.
  pc = nativeCaller(pc);
  Context context = currentContext(self);
  if (!firstTime(MisuseKind::UnsafeInHandler, context, pc)) return;
  RuntimeScope scope;
  if (suppressesStack(Suppress::Signal, context, pc)) return;
  report(MisuseKind::UnsafeInHandler, self->id, static_cast<std::uint32_t>(self->handlerSignal), context, pc);
}

void reportErrnoChanged(Thread* self, int signal, Address handler) {
  Context context = currentContext(self);
  if (!options.handlers || !firstTime(MisuseKind::ErrnoChanged, 0, handler)) return;
  RuntimeScope scope;
  if (suppressesStack(Suppress::Signal, context, handler + 1)) return;
  report(MisuseKind::ErrnoChanged, self->id, static_cast<std::uint32_t>(signal), context, handler + 1);
}

void reportJoinedTwice(Thread* self, Address pc) {
  Context context = currentContext(self);
  if (!options.locks || !firstTime(MisuseKind::JoinTwice, context, pc)) return;
  RuntimeScope scope;
  if (suppressesStack(Suppress::Thread, context, pc)) return;
  report(MisuseKind::JoinTwice, self->id, 0, context, pc);
}

void reportBrokenPromise(Thread* self, Address pc, const PromiseEnd& end) {
  if (!options.tasks || !firstTime(MisuseKind::PromiseBroken, end.context, end.pc)) return;
  Context context = currentContext(self);
  RuntimeScope scope;
  if (suppressesStack(Suppress::Task, context, pc) || suppressesStack(Suppress::Task, end.context, end.pc)) return;
  report(MisuseKind::PromiseBroken, self->id, end.thread, context, pc, end.context, end.pc);
}

void reportResultMisused(Thread* self, Address pc, MisuseKind kind) {
  Context context = currentContext(self);
  if (!options.tasks || !firstTime(kind, context, pc)) return;
  RuntimeScope scope;
  if (suppressesStack(Suppress::Task, context, pc)) return;
  report(kind, self->id, 0, context, pc);
}

void reportEndedIgnoring(Thread* self) {
  RuntimeScope scope;
  bool two = self->ignoresMade == 2;
  report(MisuseKind::EndedIgnoring, self->id, 0, self->ignoreContext[0], self->ignorePc[0],
         two ? self->ignoreContext[1] : 0, two ? self->ignorePc[1] : 0);
}

}  // namespace deadheat::rt
