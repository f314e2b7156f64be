#include "tool/pipeline/capture.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

namespace deadheat {
namespace {

bool hasEntries(const std::string& database) {
  auto buffer = llvm::MemoryBuffer::getFile(database);
  return buffer && (*buffer)->getBuffer().contains('{');
}

}  // namespace

llvm::Expected<std::string> captureBuild(const std::vector<std::string>& build, const std::string& folder,
                                         bool& buildFailed) {
  auto bear = llvm::sys::findProgramByName("bear");
  if (!bear)
    return llvm::createStringError(
        "`check -- BUILD-COMMAND` watches the build with bear, which is not installed: install it (apt install bear), "
        "or "
        "give a compile_commands.json with -p");
  std::string database = folder + "/compile_commands.json";
  std::vector<llvm::StringRef> command{"sh", "-c", R"(exec "$@" 1>&2)", "sh", *bear, "--output", database, "--"};
  command.insert(command.end(), build.begin(), build.end());
  std::string message;
  int code = llvm::sys::ExecuteAndWait("/bin/sh", command, std::nullopt, {}, 0, 0, &message);
  if (code < 0) return llvm::createStringError("cannot run the build under bear: " + message);
  buildFailed = code != 0;
  if (hasEntries(database)) return database;
  std::string why = buildFailed ? "the build failed before it compiled anything"
                                : "the build compiled nothing: clean first, so that everything is compiled again";
  return llvm::createStringError("nothing to analyse: " + why);
}

}  // namespace deadheat
