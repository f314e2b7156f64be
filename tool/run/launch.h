// A program built with deadheat as a target: found, checked, run with the environment that asks for a recording, and
// the recording read. The one place that knows the environment variables of runtime/protocol.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/run/process.h"
#include "tool/symbols/binary.h"
#include "tool/symbols/recording.h"

namespace deadheat {

/// A program that can be run and recorded.
struct Target {
  std::string program;
  std::vector<std::string> arguments;  ///< argv, the name as the user gave it first.
  BinaryInfo binary;
};

/// Finds and checks the program. Errors, one line each: no command, no such program, not executable, not instrumented.
llvm::Expected<Target> openTarget(const std::vector<std::string>& command);

/// The same for a program as it is, into which the library of locks is loaded. Errors: one that it cannot be loaded into.
llvm::Expected<Target> openPlainTarget(const std::vector<std::string>& command);

/// LD_PRELOAD that loads the library of locks, before what is loaded already. Errors: there is no such library.
llvm::Expected<std::string> preloadOfLocks();

/// Files of one run; an empty plan path means a free run.
struct RunFiles {
  std::string recording;
  std::string plan;
};

/// What has to be said of runs of such a program; empty if nothing.
std::string noteOn(const Target& target);

/// The request that runs the target with these files. Time limit and streams are left to the caller.
ProcessRequest requestFor(const Target& target, const RunFiles& files, const std::string& runtimeOptions = {});

/// Reads what a run that has ended recorded: the file itself and those of further programs it executed, which the
/// runtime puts beside it as `path.<pid>`. When there is none the error says what to do.
llvm::Expected<std::vector<Recording>> recordingsOf(const Target& target, const std::string& path);

/// All recording files of a run: `path` first, if it is there.
std::vector<std::string> recordingFiles(const std::string& path);

/// "killed by SIGSEGV (segmentation fault)" or "exited with code 3"; for notes.
std::string describe(const ProcessOutcome& outcome);

}  // namespace deadheat
