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

/// A wait that is none of the C library's, as a cancellation point: a request before or during it ends the thread, with
/// `cancelled()` on the way out.
template <class Wait, class Cancelled>
auto cancellablePoint(Wait wait, Cancelled cancelled) {
  return cancellable(
      [&] {
        pthread_testcancel();
        auto result = wait();
        pthread_testcancel();
        return result;
      },
      cancelled);
}

}  // namespace deadheat::rt
