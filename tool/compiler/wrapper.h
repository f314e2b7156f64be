// `deadheat cc` and `deadheat c++`: stand in for the compiler in any build and leave everything to the real one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/compiler/toolchain.h"

namespace deadheat {

/// The language if this process was started as `deadheat-cc` or `deadheat-c++`.
std::optional<SourceLanguage> languageOfName(std::string_view argv0);

/// The folder with the runtime library: DEADHEAT_RUNTIME_DIR, or lib/deadheat beside the folder of this executable. The
/// error is one line that says where it was looked for.
llvm::Expected<std::string> runtimeDirectory();

/// Path of this executable, symbolic links followed.
std::string thisExecutable();

/// Becomes the real compiler, instrumented. Returns only on failure: 1, after one line on stderr.
int runCompiler(SourceLanguage language, const std::vector<std::string>& arguments);

}  // namespace deadheat
