// Names of functions and variables, from the symbol tables of the files that were loaded. No libc, no dynamic linker:
// a report may be written wherever the program is.
#pragma once

#include "runtime/core.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {

/// A symbol of a module's file. Its texts live for ever.
struct Symbol {
  const char* name;  ///< As in the file, so mangled.
  Address begin;
  std::size_t size;
  const char* module;  ///< Base name.
  Address offset;      ///< Of the address asked for, in the module.
};

/// The function `code` is in. `name` is null when no symbol covers it; the module's part is filled in all the same. False
/// when no module is there. Cost: a pass over the module's symbols, the first time.
bool functionAt(Address code, Symbol& out);
/// The same for a variable, of static storage but not thread-local. False when no symbol covers it.
bool variableAt(Address data, Symbol& out);

/// The function that the call before `returnAddress` calls, followed through the linkage table. False when the call is
/// not a direct one, or what it calls has no symbol.
bool calleeOf(Address returnAddress, Symbol& out);

/// Counters from here on are no code addresses but a virtual machine's, which knows what they mean.
inline constexpr Address kExternalCounter = Address{1} << 60;

/// Part of a path after its last slash.
const char* baseName(const char* path);

/// For fork.
SpinLock& symbolsLock();

}  // namespace deadheat::rt
