#include "tool/pipeline/check_selection.h"

#include <algorithm>

#include "analyzers/checks/check.h"
#include "llvm/ADT/StringExtras.h"

namespace deadheat {
namespace {

bool matchesAny(const Glob& pattern) {
  const auto& checks = allChecks();
  return std::any_of(checks.begin(), checks.end(), [&](const Check& check) { return pattern.match(check.info.id); });
}

}  // namespace

llvm::Expected<CheckSelection> CheckSelection::parse(const std::vector<std::string>& lists) {
  CheckSelection selection;
  for (llvm::StringRef list : lists) {
    for (llvm::StringRef word : llvm::split(list, ',')) {
      word = word.trim();
      if (word.empty()) continue;
      bool adds = !word.consume_front("-");
      auto pattern = Glob::create(word.str());
      if (!pattern) {
        llvm::consumeError(pattern.takeError());
        return llvm::createStringError("'" + word.str() + "' is not a glob");
      }
      if (!matchesAny(*pattern)) return llvm::createStringError(unknownCheck(word));
      selection.entries_.push_back({std::move(*pattern), adds});
    }
  }
  return selection;
}

bool CheckSelection::selects(std::string_view checkId) const {
  bool selected = entries_.empty() || !entries_.front().adds;
  for (const Entry& entry : entries_)
    if (entry.pattern.match(checkId)) selected = entry.adds;
  return selected;
}

std::string nearestCheck(std::string_view text) {
  llvm::StringRef wanted(text);
  unsigned best = std::max<unsigned>(3, static_cast<unsigned>(wanted.size()) / 2);
  std::string nearest;
  for (const Check& check : allChecks()) {
    unsigned distance = wanted.edit_distance(check.info.id, /*AllowReplacements=*/true, best);
    if (distance >= best) continue;
    best = distance;
    nearest = check.info.id;
  }
  return nearest;
}

std::string unknownCheck(std::string_view text) {
  std::string message = "unknown check '" + std::string(text) + "'";
  std::string nearest = nearestCheck(text);
  message += nearest.empty() ? ": " : ", did you mean '" + nearest + "'? ";
  return message + "`deadheat list-checks` shows all";
}

}  // namespace deadheat
