// The ways a program ends itself as failed: where, and why, for the report of a controlled run.
#include "runtime/intercept/interceptor.h"
#include "runtime/platform/text.h"
#include "runtime/schedule/crash.h"

namespace deadheat::rt {
namespace {

Text<512> abortReason{Text<512>::Zeroed{}};

void failed(Address pc, const char* assertion, const char* file, unsigned line) {
  if (!scheduleControlled || currentThread() == nullptr) return;
  abortReason << "assertion '" << assertion << "' failed at " << file << ":" << line;
  aborting(pc, abortReason.c_str());
}

}  // namespace
}  // namespace deadheat::rt

DEADHEAT_INTERCEPT(void, abort, ()) {
  if (scheduleControlled && currentThread() != nullptr && abortReason.size() == 0) aborting(DEADHEAT_CALLER_PC, nullptr);
  real_abort();
}

DEADHEAT_INTERCEPT(void, __assert_fail, (const char* assertion, const char* file, unsigned line, const char* function)) {
  failed(DEADHEAT_CALLER_PC, assertion, file, line);
  real___assert_fail(assertion, file, line, function);
}
