// Units: from `-p` and PATH arguments to the compile commands that are analysed.
#pragma once

#include <string>
#include <vector>

#include "analyzers/extract/extract.h"
#include "llvm/Support/Error.h"
#include "tool/pipeline/path_filter.h"
#include "tool/report/report.h"

namespace deadheat {

struct SelectedUnits {
  std::vector<CompileCommand> commands;
  std::vector<UnitFailure> missing;  ///< Source files asked for by name that the database does not know.
  std::size_t inDatabase = 0;
};

/// Path of the compile_commands.json for `given` (a folder, the file, or empty: searched in the current folder, its
/// `build`, and the same in the folders above). The error says where it was looked for and how to make one.
llvm::Expected<std::string> findDatabase(const std::string& given);

/// The commands of units that `filter` covers. Where it covers headers only, all units, as any may include them.
/// Errors: the database cannot be used, or nothing is left to analyse.
llvm::Expected<SelectedUnits> selectUnits(const std::string& database, const PathFilter& filter);

}  // namespace deadheat
