// The table of checks. Adding one is a row here, its texts in texts.h, and its file.
#include "analyzers/checks/checks.h"

#include "analyzers/checks/texts.h"

namespace deadheat {

const std::vector<Check>& allChecks() {
  static const std::vector<Check> checks = {
      {texts::kDataRace, checkDataRace}, {texts::kDeadlock, nullptr},         {texts::kDoubleLock, checkDoubleLock},
      {texts::kLockMisuse, nullptr},     {texts::kLockOrder, checkLockOrder},
  };
  return checks;
}

const Check* findCheck(std::string_view id) {
  for (const Check& check : allChecks()) {
    if (check.info.id == id) return &check;
  }
  return nullptr;
}

}  // namespace deadheat
