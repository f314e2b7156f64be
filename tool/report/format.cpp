#include "tool/report/format.h"

#include <unistd.h>

#include <filesystem>

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

namespace deadheat {
namespace {

llvm::Error failed(const OutputSpec& output, std::error_code code) {
  return llvm::createStringError(code, "cannot write " + output.file + ": " + code.message());
}

llvm::Error writeOne(const Report& report, const OutputSpec& output, Coloring stdoutColoring) {
  if (output.toStdout()) {
    output.format->render(report, stdoutColoring, llvm::outs());
    llvm::outs().flush();
    return llvm::Error::success();
  }
  std::error_code code;
  llvm::raw_fd_ostream file(output.file, code);
  if (code) return failed(output, code);
  output.format->render(report, Coloring::Plain, file);
  file.close();
  code = file.error();
  file.clear_error();
  return code ? failed(output, code) : llvm::Error::success();
}

std::error_code whyNotWritable(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) return std::make_error_code(std::errc::is_a_directory);
  std::string target = file;
  if (!fs::exists(file, ignored)) {
    target = fs::path(file).parent_path().string();
    if (target.empty()) target = ".";
    if (!fs::exists(target, ignored)) return std::make_error_code(std::errc::no_such_file_or_directory);
    if (!fs::is_directory(target, ignored)) return std::make_error_code(std::errc::not_a_directory);
  }
  if (access(target.c_str(), W_OK) != 0) return {errno, std::generic_category()};
  return {};
}

}  // namespace

const std::vector<Format>& allFormats() {
  static const std::vector<Format> kFormats = {
      {"text", "compiler-style lines with the witness as notes", renderText},
      {"table", "one line a finding: id, check, place, subject, verdict", renderTable},
      {"json", "everything, to be read back by `report` and `confirm`", renderJson},
      {"sarif", "SARIF 2.1.0, for code scanning services and editors", renderSarif},
  };
  return kFormats;
}

llvm::Expected<OutputSpec> parseOutput(std::string_view text) {
  auto [name, file] = llvm::StringRef(text).split(':');
  for (const Format& format : allFormats())
    if (llvm::StringRef(format.name) == name) return OutputSpec{&format, file.str()};
  auto names = llvm::map_range(allFormats(), [](const Format& format) { return llvm::StringRef(format.name); });
  return llvm::createStringError("unknown output format '" + name.str() + "': use one of " + llvm::join(names, ", "));
}

llvm::Error checkWritable(const std::vector<OutputSpec>& outputs) {
  llvm::Error errors = llvm::Error::success();
  for (const OutputSpec& output : outputs) {
    if (output.toStdout()) continue;
    if (std::error_code code = whyNotWritable(output.file))
      errors = llvm::joinErrors(std::move(errors), failed(output, code));
  }
  return errors;
}

llvm::Error writeOutputs(const Report& report, const std::vector<OutputSpec>& outputs, Coloring stdoutColoring) {
  llvm::Error errors = llvm::Error::success();
  for (const OutputSpec& output : outputs)
    errors = llvm::joinErrors(std::move(errors), writeOne(report, output, stdoutColoring));
  return errors;
}

}  // namespace deadheat
