// std::promise::set_value_at_thread_exit: the result is made ready by code inside libstdc++ when the thread ends. The order
// between the promise's thread and the future's is told here, when the result is handed over; and the library's reference
// to the state, which may outlive all others, is given back in sight.
#include "runtime/detect/thread.h"
#include "runtime/intercept/interceptor.h"
#include "runtime/intercept/owners.h"

namespace deadheat::rt {
namespace {

/// The part of std::__future_base::_State_baseV2 up to the word that waiters read with acquire order.
struct FutureState {
  void* vtable;
  void* result;
  unsigned status;
};

/// std::_Sp_counted_base: what the owners of a shared_ptr and of its weak ones count in.
struct SharedCount {
  void (*const* functions)(SharedCount*);
  int uses;
  int weak;

  static constexpr int kDispose = 2, kDestroy = 3;  ///< Indices of its virtual functions.

  /// False if nobody uses it any more.
  bool take() {
    int now = __atomic_load_n(&uses, __ATOMIC_RELAXED);
    while (now != 0 && !__atomic_compare_exchange_n(&uses, &now, now + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
    }
    return now != 0;
  }
  void giveBack(Thread* self) {
    int last;
    do {  // A weak_ptr may have made another.
      if (gaveBack(self, addressOf(&uses), &uses)) return;
      last = 1;
    } while (!__atomic_compare_exchange_n(&uses, &last, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    functions[kDispose](this);
    if (gaveBack(self, addressOf(&weak), &weak)) return;
    functions[kDestroy](this);
  }
};

/// std::__future_base::_State_baseV2::_Make_ready: an exit callback and a weak_ptr to the state.
struct MakeReady {
  void* next;
  void (*callback)(void*);
  FutureState* state;
  SharedCount* count;
};

using Callback = void (*)(void*);
Callback realCallback;  ///< The same for all.

void makeReady(void* data) {
  SharedCount* count = static_cast<MakeReady*>(data)->count;
  Thread* self = currentThread();
  bool taken = self != nullptr && count->take();
  __atomic_load_n(&realCallback, __ATOMIC_ACQUIRE)(data);
  if (taken) count->giveBack(self);
}

}  // namespace
}  // namespace deadheat::rt

// std::__future_base::_State_baseV2::_Make_ready::_M_set()
DEADHEAT_INTERCEPT(void, _ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv, (MakeReady* ready)) {
  Thread* self = currentThread();
  if (self != nullptr) release(self, addressOf(&ready->state->status));
  real__ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv(ready);
  if (self == nullptr || ready->callback == nullptr || ready->callback == makeReady) return;
  __atomic_store_n(&realCallback, ready->callback, __ATOMIC_RELEASE);
  ready->callback = makeReady;
}
