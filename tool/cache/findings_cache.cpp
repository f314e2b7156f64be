#include "tool/cache/findings_cache.h"

#include "tool/report/findings_file.h"

namespace deadheat {

std::optional<std::vector<Finding>> FindingsCache::find() const {
  auto bytes = folder_.read(CacheFolder::Kind::Findings, name_);
  if (!bytes) return std::nullopt;
  auto report = [&]() -> llvm::Expected<Report> {
    auto json = llvm::json::parse(*bytes);
    if (!json) return json.takeError();
    return fromJson(*json);
  }();
  if (report) return std::move(report->findings);
  llvm::consumeError(report.takeError());
  folder_.remove(CacheFolder::Kind::Findings, name_);
  return std::nullopt;
}

void FindingsCache::keep(const std::vector<Finding>& findings) const {
  Report report;
  report.findings = findings;
  std::string text;
  llvm::raw_string_ostream(text) << toJson(report);
  llvm::consumeError(folder_.write(CacheFolder::Kind::Findings, name_, text));
}

}  // namespace deadheat
