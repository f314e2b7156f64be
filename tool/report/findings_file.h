// The findings file: our own JSON format, complete and readable back. `check --output=json:F` writes it; `report`,
// `confirm` and later invocations read it. docs/findings-format.md describes every member.
#pragma once

#include <string>

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "tool/report/report.h"

namespace deadheat {

/// Version of the format; a reader accepts its own version only.
inline constexpr std::int64_t kFindingsFormatVersion = 3;

/// The report as one JSON value. Text that is not UTF-8 is repaired.
llvm::json::Value toJson(const Report& report);

/// The inverse of toJson. The error is one line naming the member that is wrong.
llvm::Expected<Report> fromJson(const llvm::json::Value& json);

/// Reads a findings file. Errors are one line that starts with the file's name and says what to do: cannot be read, not
/// JSON or cut short, not a findings file, another version, a member of the wrong type.
llvm::Expected<Report> readFindings(const std::string& file);

}  // namespace deadheat
