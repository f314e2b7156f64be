// What the user does not want to hear of, in ThreadSanitizer's format: one `kind:pattern` a line.
//
// A pattern is found anywhere in a name; `^` and `$` bind it to the ends, `*` stands for any text. Names are the functions
// of a stack (qualified, without parameters, and as mangled), the file names of their modules, and of a race the global
// variable. From the file that option `suppressions` names and from __tsan_default_suppressions().
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

enum class Suppress : std::uint8_t { Race, RaceTop, Mutex, Thread, Signal, Deadlock, CalledFromLib, Task };

/// Reads them. A file that cannot be read or a line of another form ends the process with a line that names it.
void readSuppressions();

/// Into the recording: the tool predicts hazards by itself, and asks of them then.
void recordSuppressions();

/// True if there is any suppression of the kind: what is cheap to ask first.
bool anySuppression(Suppress kind);

/// True if one matches a function of the stack, its module, or (RaceTop) the innermost function. Counts its use.
bool suppressesStack(Suppress kind, Context context, Address pc);
/// True if one matches the name. Counts its use.
bool suppressesName(Suppress kind, const char* name);

/// Library code whose calls are not looked at: suppressions of kind called_from_lib. Cost when there are none: a load.
bool calledFromSuppressedLibrary(Address pc);
/// True if there is a suppression of what a library calls.
bool suppressesLibraries();
/// Looks for the libraries again: once after start and each dlopen and dlclose.
void findSuppressedLibraries();

/// Runs `visit(pattern, times, first, total)` on each that was used.
void forEachUsedSuppression(void (*visit)(const char* pattern, std::uint64_t used, bool first, std::uint64_t total));

}  // namespace deadheat::rt
