// A wait that pthread_cancel may end: the thread then unwinds through our interceptor without returning to it.
#pragma once

#include <pthread.h>

#include "runtime/core.h"

namespace deadheat::rt {

/// Runs `wait()`; if the thread is cancelled or exits inside, runs `cancelled()` on the way out instead of returning.
template <class Wait, class Cancelled>
auto cancellable(Wait wait, Cancelled cancelled) {
  decltype(wait()) result;
  pthread_cleanup_push([](void* call) { (*static_cast<Cancelled*>(call))(); }, &cancelled);
  result = wait();
  pthread_cleanup_pop(0);
  return result;
}

}  // namespace deadheat::rt
