// std::promise::set_value_at_thread_exit: the result is made ready by code inside libstdc++, which is not instrumented,
// so the order between the promise's thread and the future's is told here, when the result is handed over.
#include "runtime/intercept/interceptor.h"

namespace deadheat::rt {
namespace {

/// The part of std::__future_base::_State_baseV2 up to the word that waiters read with acquire order.
struct FutureState {
  void* vtable;
  void* result;
  unsigned status;
};

/// std::__future_base::_State_baseV2::_Make_ready: an exit callback and a weak_ptr to the state.
struct MakeReady {
  void* next;
  void (*callback)(void*);
  FutureState* state;
  void* count;
};

}  // namespace
}  // namespace deadheat::rt

// std::__future_base::_State_baseV2::_Make_ready::_M_set()
DEADHEAT_INTERCEPT(void, _ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv, (MakeReady* ready)) {
  if (Thread* self = currentThread()) release(self, addressOf(&ready->state->status));
  real__ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv(ready);
}
