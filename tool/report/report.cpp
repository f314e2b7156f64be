#include "tool/report/report.h"

namespace deadheat {

std::string relativeTo(const std::string& path, const std::string& root) {
  if (root.empty() || !path.starts_with(root)) return path;
  if (root.ends_with('/')) return path.substr(root.size());
  bool below = path.size() > root.size() + 1 && path[root.size()] == '/';
  return below ? path.substr(root.size() + 1) : path;
}

std::string shortId(const Finding& finding) { return fingerprint(finding).substr(0, 8); }

}  // namespace deadheat
