// `deadheat explain ID` and `deadheat list-checks`: what the table of checks says.
#include <memory>

#include "analyzers/checks/check.h"
#include "tool/commands/options.h"
#include "tool/pipeline/check_selection.h"
#include "tool/report/table.h"

namespace deadheat {
namespace {

void printParagraph(std::string_view heading, std::string_view text) {
  if (!text.empty()) llvm::outs() << '\n' << heading << '\n' << llvm::StringRef(text).trim('\n') << '\n';
}

int explain(const std::string& id) {
  const Check* check = findCheck(id);
  if (check == nullptr) {
    Console().error(unknownCheck(id));
    return toInt(ExitCode::Usage);
  }
  const CheckInfo& info = check->info;
  llvm::outs() << info.id << ": " << info.title << '\n';
  printParagraph("Why it is a bug", info.reason);
  printParagraph("Example", info.example);
  printParagraph("How to mend it", info.fix);
  if (!info.cwe.empty()) llvm::outs() << '\n' << info.cwe << '\n';
  return toInt(ExitCode::Clean);
}

int listChecks() {
  std::vector<std::vector<std::string>> rows;
  for (const Check& check : allChecks())
    rows.push_back(
        {std::string(check.info.id), check.isStatic() ? "check" : "run", std::string(check.info.title)});
  writeTable({"CHECK", "FOUND BY", "WHAT"}, rows, llvm::outs());
  return toInt(ExitCode::Clean);
}

}  // namespace

Action declareExplain(CLI::App& app, const Trailing&) {
  auto id = std::make_shared<std::string>();
  app.add_option("CHECK", *id, "id of a check, as `deadheat list-checks` shows it")->required();
  return [id] { return explain(*id); };
}

Action declareListChecks(CLI::App&, const Trailing&) { return listChecks; }

}  // namespace deadheat
