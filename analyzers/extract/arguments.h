// A build's compile command -> the arguments with which Clang parses the file.
#pragma once

#include <string>
#include <vector>

#include "analyzers/extract/extract.h"
#include "llvm/ADT/IntrusiveRefCntPtr.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/VirtualFileSystem.h"

namespace deadheat {

/// Arguments for Clang's driver, and what had to be left out.
struct AdjustedArguments {
  std::vector<std::string> arguments;
  std::vector<std::string> dropped;
};

/// Strips launchers (ccache, distcc, `deadheat cc`), reads response files, drops what concerns output, warnings,
/// sanitizers, dependency files and plugins silently and flags Clang does not know into `dropped`.
AdjustedArguments adjustArguments(const CompileCommand& command, const std::string& resourceDirectory,
                                  llvm::vfs::FileSystem& files);

/// Clang's resource directory: `wanted`, or the one that belongs to the Clang library in use. An error is one line.
llvm::Expected<std::string> findResourceDirectory(const std::string& wanted);

}  // namespace deadheat
