// Telling the program of a report, as ThreadSanitizer's interface does (abi/report_interface.cpp).
#pragma once

/// Called with every report and before the runtime ends the process, for debuggers.
extern "C" void deadheat_on_failure();

namespace deadheat::rt {

/// Calls __tsan_on_report with a committed record; null: there was none. No lock of ours may be held.
void notifyReport(void* record);

/// At the end of initialize(): calls __tsan_on_initialize.
void programBegins();
/// Calls __tsan_on_finalize; `failed` says whether there were reports. Returns whether the exit code is to say so.
bool programEnds(bool failed);
/// Around a wait for another thread's initialiser of a static local.
void blockingRegion(bool begins);

}  // namespace deadheat::rt
