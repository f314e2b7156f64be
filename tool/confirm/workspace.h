// Workspace: the files of one confirmation. Plans and recordings of attempts live in a folder that goes away; proofs are
// moved to the output directory under names that say what they prove.
#pragma once

#include <string>

#include "analyzers/findings/finding.h"
#include "llvm/Support/Error.h"
#include "tool/run/launch.h"

namespace deadheat {

class Workspace {
 public:
  /// Makes the output directory and a working folder in it. Error, one line: not writable.
  static llvm::Expected<Workspace> create(const std::string& outputDirectory);
  Workspace(Workspace&& other) noexcept;
  Workspace& operator=(Workspace&&) = delete;
  ~Workspace();  ///< Removes the working folder.

  /// Absolute paths for a run, since the program may change directory. `name` is unique among the runs.
  RunFiles filesFor(const std::string& name) const;

  /// Moves a run's recording (and plan) to the output directory as `<check>-<id>.rec` (and `.plan`); returns the
  /// recording's path as the user named the directory, or where it is now if it cannot be moved.
  std::string keep(const RunFiles& files, const std::string& name) const;

  /// Removes what a run left behind.
  void discard(const RunFiles& files) const;

 private:
  Workspace() = default;
  std::string output_;
  std::string work_;
};

/// `<check>-<first digits of the fingerprint>`.
std::string proofName(const Finding& finding);

}  // namespace deadheat
