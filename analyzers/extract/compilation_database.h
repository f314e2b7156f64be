// Reads compile_commands.json into CompileCommands.
#pragma once

#include <string>
#include <vector>

#include "analyzers/extract/extract.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace deadheat {

/// Reads the database at `path`: the file itself or the directory that holds it. One command for each file and set of
/// meaningful arguments, in the file's order. Entries that are not C or C++ are left out; `skipped`, when given, takes
/// their number. Errors are one line that says what to do: no database, an empty one, a malformed one.
llvm::Expected<std::vector<CompileCommand>> loadCompilationDatabase(llvm::StringRef path,
                                                                    std::size_t* skipped = nullptr);

/// What distinguishes two commands of one file: all but the compiler, outputs, dependency files and warnings.
std::string meaningOf(const CompileCommand& command);

}  // namespace deadheat
