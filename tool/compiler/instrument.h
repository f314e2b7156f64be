// Instrumentation as command lines: what to add to a compiler call so that its code calls our runtime and its
// executables contain it.
//
// Compilers link their own runtime as soon as the driver sees -fsanitize=thread while linking. So commands that only
// compile get that flag, and commands that link get our archive instead. Commands that do both tell clang's driver to
// link no runtime: it hands -fsanitize-ignorelist and its like on only if it sees the flag. Where it may have another
// sanitizer's runtime to link, and with gcc, the flag goes to the compiler proper behind the driver's back, with
// -Xclang or a specs file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/compiler/targets.h"
#include "tool/compiler/toolchain.h"

namespace deadheat {

/// Names of the files that belong to the runtime, in one folder.
inline constexpr char kRuntimeArchive[] = "libdeadheat_rt.a";
inline constexpr char kLocksLibrary[] = "libdeadheat_locks.so";  ///< Loaded into programs as they are.
inline constexpr char kRuntimeSymbols[] = "libdeadheat_rt.syms";  ///< What dlopened libraries need of the executable.
inline constexpr char kGccSpecs[] = "gcc.specs";
inline constexpr char kPassPlugin[] = "deadheat_pass.so";  ///< For clang 19; built where LLVM 19's headers are.

/// The command to run instead of `call`: program and all arguments. `runtimeDirectory` is where the files above are;
/// with `targets` only accesses at those places are instrumented. The error is one line: flags that cannot go with the
/// runtime, or a compiler that cannot build so.
llvm::Expected<std::vector<std::string>> instrument(const CompilerCall& call, const std::string& runtimeDirectory,
                                                    const std::optional<TargetPlaces>& targets = std::nullopt);

}  // namespace deadheat
