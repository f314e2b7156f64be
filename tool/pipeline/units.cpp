#include "tool/pipeline/units.h"

#include "analyzers/extract/compilation_database.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace deadheat {
namespace {

constexpr char kFileName[] = "compile_commands.json";

bool isSourceFile(llvm::StringRef path) {
  return llvm::StringSwitch<bool>(llvm::sys::path::extension(path))
      .Cases(".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".cp", true)
      .Default(false);
}

/// The files of `filter` that are sources, but of no unit.
std::vector<UnitFailure> missingSources(const PathFilter& filter, const llvm::StringSet<>& known) {
  std::vector<UnitFailure> missing;
  for (const std::string& path : filter.paths())
    if (isSourceFile(path) && !llvm::sys::fs::is_directory(path) && !known.contains(path))
      missing.push_back({path, "not in the compilation database: how it is compiled is not known"});
  return missing;
}

bool onlyHeaderFiles(const PathFilter& filter) {
  for (const std::string& path : filter.paths())
    if (isSourceFile(path)) return false;
  return true;
}

}  // namespace

llvm::Expected<std::string> findDatabase(const std::string& given) {
  if (!given.empty()) return given;
  llvm::SmallString<256> folder;
  llvm::sys::fs::current_path(folder);
  for (llvm::StringRef above = folder; !above.empty(); above = llvm::sys::path::parent_path(above))
    for (llvm::StringRef sub : {"", "/build"})
      if (std::string path = (above + sub + "/" + kFileName).str(); llvm::sys::fs::exists(path)) return path;
  return llvm::createStringError(
      "no compile_commands.json here, in build/ or above: make one with "
      "`cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON`, say where it is with -p, or use `deadheat check -- BUILD-COMMAND`");
}

llvm::Expected<SelectedUnits> selectUnits(const std::string& database, const PathFilter& filter) {
  auto commands = loadCompilationDatabase(database);
  if (!commands) return commands.takeError();
  SelectedUnits units;
  units.inDatabase = commands->size();
  llvm::StringSet<> known;
  for (const CompileCommand& command : *commands) {
    std::string file = absolutePath(command.file, command.directory);
    known.insert(file);
    if (filter.covers(file)) units.commands.push_back(command);
  }
  units.missing = missingSources(filter, known);
  if (units.commands.empty() && onlyHeaderFiles(filter)) units.commands = std::move(*commands);
  if (!units.commands.empty()) return units;
  if (!units.missing.empty())
    return llvm::createStringError("nothing to analyse: " + units.missing[0].file + " is " + units.missing[0].reason);
  return llvm::createStringError("nothing to analyse: the compilation database " + database + " is empty");
}

}  // namespace deadheat
