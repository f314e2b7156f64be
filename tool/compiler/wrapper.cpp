#include "tool/compiler/wrapper.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "tool/compiler/instrument.h"
#include "tool/console/console.h"

namespace deadheat {
namespace {

llvm::Expected<std::vector<std::string>> plan(SourceLanguage language, std::vector<std::string> arguments) {
  std::optional<TargetPlaces> targets;
  if (std::string file = takeTargetsFile(arguments, processSurroundings()); !file.empty()) {
    auto places = readTargetPlaces(file);
    if (!places) return places.takeError();
    targets = std::move(*places);
  }
  auto call = chooseCompiler(language, arguments, processSurroundings());
  if (!call) return call.takeError();
  auto directory = runtimeDirectory();
  if (!directory) return directory.takeError();
  const std::string plugin = *directory + "/" + kPassPlugin;
  if (call->isClang19 && llvm::sys::fs::exists(plugin)) call->passPlugin = plugin;
  return instrument(*call, *directory, targets);
}

int replaceProcess(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  Console().error("cannot run the compiler '" + command[0] + "': " + std::strerror(errno));
  return 1;
}

}  // namespace

std::optional<SourceLanguage> languageOfName(std::string_view argv0) {
  llvm::StringRef name = llvm::sys::path::filename(argv0);
  if (name == "deadheat-cc") return SourceLanguage::C;
  if (name == "deadheat-c++") return SourceLanguage::Cxx;
  return std::nullopt;
}

std::string thisExecutable() { return llvm::sys::fs::getMainExecutable("deadheat", nullptr); }

llvm::Expected<std::string> runtimeDirectory() {
  std::string override = processSurroundings().environment("DEADHEAT_RUNTIME_DIR");
  std::vector<std::string> candidates;
  std::string executable = thisExecutable();
  std::string prefix = llvm::sys::path::parent_path(llvm::sys::path::parent_path(executable)).str();
  if (!override.empty())
    candidates = {override};
  else
    candidates = {prefix + "/lib/deadheat", prefix + "/" DEADHEAT_LIBDIR "/deadheat"};
  for (const std::string& candidate : candidates)
    if (llvm::sys::fs::exists(candidate + "/" + kRuntimeArchive)) return candidate;
  return llvm::createStringError("the runtime library " + std::string(kRuntimeArchive) + " is not in " + candidates[0] +
                                 ": install deadheat again or set DEADHEAT_RUNTIME_DIR to its folder");
}

int runCompiler(SourceLanguage language, const std::vector<std::string>& arguments) {
  auto command = plan(language, arguments);
  if (command) return replaceProcess(*command);
  Console().error(llvm::toString(command.takeError()));
  return 1;
}

}  // namespace deadheat
