#include "tool/pipeline/path_filter.h"

#include <algorithm>

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "tool/report/report.h"

namespace deadheat {

std::string absolutePath(const std::string& path, const std::string& folder) {
  llvm::SmallString<256> absolute(path);
  if (folder.empty())
    llvm::sys::fs::make_absolute(absolute);
  else
    llvm::sys::fs::make_absolute(folder, absolute);
  llvm::sys::path::remove_dots(absolute, /*remove_dot_dot=*/true);
  return std::string(absolute);
}

llvm::Expected<PathFilter> PathFilter::create(const std::vector<std::string>& paths) {
  PathFilter filter;
  for (const std::string& path : paths) {
    if (!llvm::sys::fs::exists(path)) return llvm::createStringError("no such file or folder: " + path);
    filter.paths_.push_back(absolutePath(path));
  }
  return filter;
}

bool PathFilter::isExcluded(const std::string& file) const {
  return std::any_of(excluded_.begin(), excluded_.end(),
                     [&](const Glob& pattern) { return pattern.match(file); });
}

bool PathFilter::covers(const std::string& file) const {
  if (isExcluded(file)) return false;
  if (paths_.empty()) return true;
  return std::any_of(paths_.begin(), paths_.end(),
                     [&](const std::string& path) { return file == path || relativeTo(file, path) != file; });
}

bool PathFilter::covers(const Finding& finding) const {
  if (isExcluded(finding.location.file)) return false;
  if (paths_.empty() || covers(finding.location.file)) return true;
  for (const auto* sites : {&finding.sites, &finding.places})
    for (const Site& site : *sites)
      if (covers(site.point.file)) return true;
  for (const WitnessThread& thread : finding.witness)
    if (!thread.steps.empty() && covers(thread.steps.back().point.file)) return true;
  return false;
}

}  // namespace deadheat
