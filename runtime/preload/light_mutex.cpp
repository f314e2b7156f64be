#include "runtime/preload/light_mutex.h"

#include "runtime/detect/kernel_tasks.h"
#include "runtime/record/options.h"

namespace deadheat::rt {

bool mutexesAreKnown = false;
std::uint32_t takenAway;
std::uint32_t lifetimes;

void learnMutexes() {
  RuntimeScope scope;  // The interceptors pass the calls on.
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  auto looks = [&](int lock, int owner, unsigned users) {
    return mutex.__data.__lock == lock && mutex.__data.__owner == owner && mutex.__data.__nusers == users &&
           mutex.__data.__kind == PTHREAD_MUTEX_TIMED_NP;
  };
  bool known = looks(0, 0, 0);
  pthread_mutex_lock(&mutex);
  known = known && looks(1, currentTask(), 1);
  mutex.__data.__lock = 2;  // As if somebody waited.
  pthread_mutex_unlock(&mutex);
  known = known && looks(0, 0, 0);
  mutexesAreKnown = known && !options.contention;
}

}  // namespace deadheat::rt
