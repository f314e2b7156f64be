// Targeted builds, seen from the wrapper: which findings file, whether the compiler can do it, and what to add to its
// call. What is done in the compiler is the plugin's (plugin/targeted.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/compiler/toolchain.h"

namespace deadheat {

/// The places to instrument.
struct TargetPlaces {
  std::string file;    ///< Absolute path of the findings file.
  std::string digest;  ///< Of the places in it: equal digests, equal objects.
};

/// Takes `--targeted=FILE` off the front of the wrapper's arguments; without it DEADHEAT_TARGETED counts. Empty: build
/// as usual.
std::string takeTargetsFile(std::vector<std::string>& arguments, const Surroundings& surroundings);

/// Reads the file. The error is one line: it cannot be read, or has no access to instrument.
llvm::Expected<TargetPlaces> readTargetPlaces(const std::string& file);

/// Nothing if `call` can be built targeted: by clang 19 with our plugin. Else one line that says what to do.
llvm::Error checkTargetable(const CompilerCall& call);

/// What to add to a compilation. With `dependencies` (the call writes a list of what its output depends on) the file is
/// among them, so that a build is made anew when the findings change.
std::vector<std::string> targetFlags(const TargetPlaces& places, const std::string& passPlugin, bool dependencies);

}  // namespace deadheat
