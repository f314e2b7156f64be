// What a target program or library is, before it is run: an ELF file at all, instrumented, with debug information.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llvm/Support/Error.h"

namespace llvm::object {
class ObjectFile;
}

namespace deadheat {

struct BinaryInfo {
  std::vector<std::uint8_t> buildId;
  bool isElf = false;          ///< False: a script or the like; nothing else is known.
  bool hasDebugInfo = false;   ///< Line tables, here or in a separate file found through build id or debug link.
  bool hasRuntime = false;     ///< deadheat's runtime is linked in.
  bool isTargeted = false;     ///< Only accesses at the places of findings are instrumented.
  bool isDynamic = false;      ///< Started by the dynamic linker, which loads what LD_PRELOAD names.
  bool hasSanitizer = false;   ///< Calls `__tsan_*` or `__asan_*`-like hooks of some sanitizer runtime.
};

/// Looks at the file; an error only when it cannot be read.
llvm::Expected<BinaryInfo> inspectBinary(const std::string& path);

/// The program as a path: looked up in PATH unless it has a slash. Errors: not found, a directory, not executable.
llvm::Expected<std::string> findProgram(const std::string& name);

/// A script, or a program of the system's that is not instrumented (a shell, a test driver): not what is looked at, but
/// what it starts may be.
bool isLauncher(const std::string& path, const BinaryInfo& binary);

/// An error of one line, saying what to do, unless the program at `path` was built with deadheat or is a launcher.
llvm::Error checkInstrumented(const std::string& path, const BinaryInfo& binary);

/// The same for a program that the library of locks is to be loaded into: one started by the dynamic linker and without
/// another sanitizer.
llvm::Error checkPreloadable(const std::string& path, const BinaryInfo& binary);

/// The same for debug information.
llvm::Error checkDebugInfo(const std::string& path, const BinaryInfo& binary);

/// Build id from the notes of an open object file; empty if it has none.
std::vector<std::uint8_t> buildIdOf(const llvm::object::ObjectFile& object);

}  // namespace deadheat
