#include "tool/confirm/hunt.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

namespace fs = llvm::sys::fs;

bool isC(llvm::StringRef source) { return llvm::sys::path::extension(source) == ".c"; }

std::string absolute(llvm::StringRef path) {
  llvm::SmallString<256> text(path);
  (void)fs::make_absolute(text);
  llvm::sys::path::remove_dots(text, /*remove_dot_dot=*/true);
  return std::string(text);
}

/// One source and how it is compiled.
struct Compilation {
  std::string source;
  std::string object;
  std::vector<std::string> command;  ///< Without deadheat in front: `c++ -g ... -c FILE -o OBJECT`.
};

Compilation compilationOf(const SourceProgram& program, const std::string& folder, std::size_t index) {
  Compilation out;
  out.source = absolute(program.sources[index]);
  out.object = folder + "/" + std::to_string(index) + ".o";
  out.command = {isC(out.source) ? "cc" : "c++", "-g", "-O1", "-pthread"};
  if (!isC(out.source)) out.command.push_back("-std=c++20");
  out.command.insert(out.command.end(), program.flags.begin(), program.flags.end());
  out.command.insert(out.command.end(), {"-c", out.source, "-o", out.object});
  return out;
}

llvm::Error execute(const std::string& executable, const std::vector<std::string>& command, const std::string& what) {
  std::vector<llvm::StringRef> arguments = {executable};
  arguments.insert(arguments.end(), command.begin(), command.end());
  std::string message;
  const int code = llvm::sys::ExecuteAndWait(executable, arguments, std::nullopt, {}, 0, 0, &message);
  if (code == 0) return llvm::Error::success();
  return failure("cannot ", what, message.empty() ? "" : ": " + message);
}

llvm::Error writeCompileCommands(const std::vector<Compilation>& compilations, const std::string& folder) {
  llvm::SmallString<256> directory;
  (void)fs::current_path(directory);
  llvm::json::Array entries;
  for (const Compilation& compilation : compilations)
    entries.push_back(llvm::json::Object{{"directory", directory.str()},
                                         {"file", compilation.source},
                                         {"arguments", llvm::json::Array(compilation.command)},
                                         {"output", compilation.object}});
  const std::string path = folder + "/compile_commands.json";
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (error) return failure("cannot write '", path, "': ", error.message());
  out << llvm::formatv("{0:2}", llvm::json::Value(std::move(entries))) << '\n';
  return llvm::Error::success();
}

}  // namespace

llvm::Expected<BuiltProgram> buildProgram(const SourceProgram& program, const std::string& deadheatExecutable) {
  if (program.sources.empty()) return failure("no source named to build");
  const std::string folder = absolute(program.workDirectory);
  if (std::error_code error = fs::create_directories(folder))
    return failure("cannot make the folder '", folder, "': ", error.message());
  std::vector<Compilation> compilations;
  std::vector<std::string> link = {"c++", "-g", "-pthread"};
  for (std::size_t i = 0; i < program.sources.size(); ++i) {
    compilations.push_back(compilationOf(program, folder, i));
    const Compilation& added = compilations.back();
    if (!fs::exists(added.source)) return failure("there is no source '", program.sources[i], "'");
    if (llvm::Error error = execute(deadheatExecutable, added.command, "compile '" + program.sources[i] + "'"))
      return std::move(error);
    link.push_back(added.object);
  }
  link.insert(link.end(), program.flags.begin(), program.flags.end());
  const std::string binary = folder + "/program";
  link.insert(link.end(), {"-o", binary});
  if (llvm::Error error = execute(deadheatExecutable, link, "link the program")) return std::move(error);
  if (llvm::Error error = writeCompileCommands(compilations, folder)) return std::move(error);
  return BuiltProgram{folder, binary};
}

}  // namespace deadheat
