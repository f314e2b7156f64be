#include "runtime/detect/wait_objects.h"

#include "runtime/detect/lock_reports.h"
#include "runtime/detect/lock_table.h"
#include "runtime/detect/locks.h"
#include "runtime/detect/thread.h"

namespace deadheat::rt {
namespace {

using protocol::MisuseKind;

/// One more waits; returns what was known before.
LockRecord enterWaiter(Thread* self, Address pc, Address object, LockClass kind, Address mutex) {
  LockRecord before{};
  Context context = currentContext(self);
  withLock(object, kind, [&](LockRecord& record) {
    if (record.madePc == 0) {
      record.madeBy = threadId(self);
      record.madeContext = context;
      record.madePc = pc;
    }
    before = record;
    ++record.waiting;
    record.mutex = mutex;
    record.takenContext = context;
    record.takenPc = pc;
  });
  return before;
}

}  // namespace

void conditionAwaited(Thread* self, Address pc, Address condition, Address mutex, bool holds) {
  RuntimeScope scope;
  LockRecord before = enterWaiter(self, pc, condition, LockClass::Condition, mutex);
  if (!holds) reportMisuse(self, pc, {MisuseKind::WaitWithoutLock, condition, before.instance});
  if (before.waiting > before.woken && before.mutex != mutex)
    reportMisuse(self, pc, {MisuseKind::ConditionTwoMutexes, condition, before.instance, before.takenContext,
                            before.takenPc});
}

void semaphoreAwaited(Thread* self, Address pc, Address semaphore) {
  RuntimeScope scope;
  enterWaiter(self, pc, semaphore, LockClass::Semaphore, 0);
}

void waiterLeft(Address object, bool woken) {
  RuntimeScope scope;
  withKnownLock(object, [=](LockRecord& record) {
    if (record.waiting != 0) --record.waiting;
    if (record.woken > record.waiting || (woken && record.woken != 0)) --record.woken;
    if (record.surely > record.woken || (woken && record.surely != 0)) --record.surely;
  });
}

void waiterWoken(Address object, bool all, std::uint32_t inside) {
  RuntimeScope scope;
  withKnownLock(object, [=](LockRecord& record) {
    std::uint32_t asleep = record.woken < record.waiting ? record.waiting - record.woken : 0;
    std::uint32_t now = all || asleep == 0 ? asleep : 1;
    record.woken += now;
    if (inside >= asleep) record.surely += now;
  });
}

bool hasWoken(Address object) {
  RuntimeScope scope;
  bool has = false;
  withKnownLock(object, [&](const LockRecord& record) { has = record.surely != 0; });
  return has;
}

bool isAwaited(Address object) {
  RuntimeScope scope;
  bool awaited = false;
  withKnownLock(object, [&](const LockRecord& record) { awaited = record.waiting > record.woken; });
  return awaited;
}

bool arriveAtBarrier(Thread* self, Address pc, Address barrier, std::uint32_t count) {
  RuntimeScope scope;
  LockRecord before = enterWaiter(self, pc, barrier, LockClass::Barrier, 0);
  bool last = before.waiting + 1 >= count;
  if (last) withKnownLock(barrier, [](LockRecord& record) { record.waiting = 0; });
  return last;
}

void waitObjectDestroyed(Thread* self, Address pc, Address object) { locksForgotten(self, pc, object, 1); }

}  // namespace deadheat::rt
