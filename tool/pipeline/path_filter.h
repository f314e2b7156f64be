// PATH arguments: which translation units are analysed and which findings are shown.
#pragma once

#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "analyzers/models/glob.h"
#include "llvm/Support/Error.h"

namespace deadheat {

/// A set of files and folders. Empty: everything.
class PathFilter {
 public:
  PathFilter() = default;
  /// Makes the paths absolute. A path that does not exist is an error that names it.
  static llvm::Expected<PathFilter> create(const std::vector<std::string>& paths);

  /// Files that match one of `patterns` are not covered.
  void leaveOut(std::vector<Glob> patterns) { excluded_ = std::move(patterns); }

  bool empty() const { return paths_.empty(); }
  const std::vector<std::string>& paths() const { return paths_; }
  /// `file` is absolute.
  bool covers(const std::string& file) const;
  /// Any place of the hazard lies in it: where it is shown, a site, or where a thread's part ends.
  bool covers(const Finding& finding) const;

 private:
  bool isExcluded(const std::string& file) const;
  std::vector<std::string> paths_;
  std::vector<Glob> excluded_;
};

/// Absolute, without `.` and `..`; symbolic links stay.
std::string absolutePath(const std::string& path, const std::string& folder = {});

}  // namespace deadheat
