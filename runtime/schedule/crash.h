// Crashes of controlled runs; see crash.cpp.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// From now on a signal that ends the process leaves a CrashRecord.
void watchCrashes();
/// The program is about to abort at `pc`, because of `text` (null: for no reason it gives).
void aborting(Address pc, const char* text);

/// The run ends by no signal, but there is a place to show: a Crash record without one.
void recordPlace(Thread* self, Address pc);

}  // namespace deadheat::rt
