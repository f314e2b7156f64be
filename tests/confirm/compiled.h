// Small programs compiled in a test with a compiler of the machine, for questions about debug information.
#pragma once

#include <cstdlib>
#include <string>

#include "tests/support/temporary_folder.h"

namespace deadheat {

/// Compiles `text` (C++) as `name` in the folder with `compiler` and `flags`; returns the binary's path, empty on
/// failure.
inline std::string compileIn(const TemporaryFolder& folder, const std::string& name, const std::string& text,
                             const std::string& compiler, const std::string& flags) {
  const std::string source = folder.write(name, text);
  const std::string binary = source + ".out";
  const std::string command = compiler + " -g " + flags + " '" + source + "' -o '" + binary + "' -pthread";
  return std::system(command.c_str()) == 0 ? binary : std::string();
}

}  // namespace deadheat
