// pthread barriers: what every thread did before the barrier is ordered before what any of them does after it.
#include <pthread.h>

#include "runtime/detect/wait_objects.h"
#include "runtime/intercept/locking.h"

namespace deadheat::rt {
namespace {

/// glibc's own layout of pthread_barrier_t (nptl/sysdeps/nptl/internaltypes.h), unchanged since 2.25.
struct BarrierLayout {
  unsigned in;
  unsigned currentRound;
  unsigned count;
  int shared;
  unsigned out;
};

const BarrierLayout* layout(const pthread_barrier_t* barrier) {
  return reinterpret_cast<const BarrierLayout*>(barrier);
}

/// In a controlled run the barrier itself is left alone: the arrivals are counted here, and the engine keeps who waits.
int arriveControlled(Thread* self, Address pc, Address barrier, std::uint32_t count) {
  scheduleAnnounce(self, pc, Operation::Arrive, barrier);
  release(self, barrier);
  if (arriveAtBarrier(self, pc, barrier, count)) {
    scheduleWake(self, barrier, kEverybody);
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  scheduleWait(self, pc, resourceOf(protocol::ResourceKind::Barrier, barrier));
  return 0;
}

void forget(Thread* self, Address pc, pthread_barrier_t* barrier) {
  objectChanged(self, pc, barrier);
  waitObjectDestroyed(self, pc, addressOf(barrier));
  syncDestroy(self, addressOf(barrier));
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(int, pthread_barrier_init,
                   (pthread_barrier_t * barrier, const pthread_barrierattr_t* attributes, unsigned count)) {
  if (Thread* self = currentThread()) forget(self, DEADHEAT_CALLER_PC, barrier);
  return real_pthread_barrier_init(barrier, attributes, count);
}

DEADHEAT_INTERCEPT(int, pthread_barrier_destroy, (pthread_barrier_t * barrier)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_barrier_destroy(barrier);
  bool awaited = isAwaited(addressOf(barrier));
  forget(self, DEADHEAT_CALLER_PC, barrier);
  auto destroy = [=] { return real_pthread_barrier_destroy(barrier); };  // Waits for those inside.
  if (!awaited) return destroy();
  return blocking(self, DEADHEAT_CALLER_PC, resourceOf(protocol::ResourceKind::Barrier, addressOf(barrier)), destroy);
}

DEADHEAT_INTERCEPT(int, pthread_barrier_wait, (pthread_barrier_t * barrier)) {
  Thread* self = currentThread();
  if (self == nullptr) return real_pthread_barrier_wait(barrier);
  Address address = addressOf(barrier);
  objectUsed(self, DEADHEAT_CALLER_PC, barrier);
  if (scheduleControlled) {
    int result = arriveControlled(self, DEADHEAT_CALLER_PC, address, layout(barrier)->count);
    acquire(self, address);
    objectUsed(self, DEADHEAT_CALLER_PC, barrier);
    return result;
  }
  release(self, address);
  auto wait = [=] { return real_pthread_barrier_wait(barrier); };
  Address pc = DEADHEAT_CALLER_PC;
  int result = layout(barrier)->shared != 0 || arriveAtBarrier(self, pc, address, layout(barrier)->count)
                   ? wait()
                   : blocking(self, pc, resourceOf(protocol::ResourceKind::Barrier, address), wait);
  if (result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD) acquire(self, address);
  objectUsed(self, DEADHEAT_CALLER_PC, barrier);  // Until it returns: who destroys it must know that all others did.
  return result;
}
