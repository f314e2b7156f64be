// include/deadheat/choose.h: a choice that the program leaves to whoever steers the run.
#include "runtime/abi/export.h"
#include "runtime/detect/thread.h"

using namespace deadheat::rt;

DEADHEAT_EXPORT unsigned __deadheat_choose(unsigned count) {
  Thread* self = scheduleControlled && count > 1 ? currentThread() : nullptr;
  return self == nullptr ? 0 : scheduleChoose(self, DEADHEAT_PC, count);
}
