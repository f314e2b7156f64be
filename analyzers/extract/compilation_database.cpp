#include "analyzers/extract/compilation_database.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/StringSaver.h"

namespace deadheat {
namespace {

llvm::Error failure(const llvm::Twine& message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// Extensions that are C or C++ for sure; others count when -x says so.
bool isCOrCxx(const CompileCommand& command) {
  for (std::size_t i = 0; i + 1 < command.arguments.size(); ++i)
    if (command.arguments[i] == "-x") return llvm::StringRef(command.arguments[i + 1]).starts_with("c");
  static const llvm::StringSet<> kExtensions = {".c", ".cc", ".cp", ".cxx", ".cpp", ".CPP", ".c++", ".C", ".i", ".ii",
                                                ".ixx", ".cppm", ".inl", ".tcc"};
  return kExtensions.contains(llvm::sys::path::extension(command.file));
}

bool readEntry(const llvm::json::Value& value, CompileCommand& command) {
  const llvm::json::Object* entry = value.getAsObject();
  if (!entry) return false;
  const auto directory = entry->getString("directory");
  const auto file = entry->getString("file");
  if (!directory || !file) return false;
  command.directory = directory->str();
  command.file = file->str();
  if (const llvm::json::Array* arguments = entry->getArray("arguments")) {
    for (const llvm::json::Value& argument : *arguments) {
      const auto text = argument.getAsString();
      if (!text) return false;
      command.arguments.push_back(text->str());
    }
  } else if (const auto line = entry->getString("command")) {
    llvm::BumpPtrAllocator memory;
    llvm::StringSaver saver(memory);
    llvm::SmallVector<const char*> words;
    llvm::cl::TokenizeGNUCommandLine(*line, saver, words);
    command.arguments.assign(words.begin(), words.end());
  }
  return !command.arguments.empty();
}

bool startsWithAny(llvm::StringRef text, std::initializer_list<llvm::StringRef> prefixes) {
  return llvm::any_of(prefixes, [&](llvm::StringRef prefix) { return text.starts_with(prefix); });
}

}  // namespace

std::string meaningOf(const CompileCommand& command) {
  llvm::SmallString<256> path(command.file);
  llvm::sys::fs::make_absolute(command.directory, path);
  llvm::sys::path::remove_dots(path, true);
  std::string text(path);
  for (std::size_t i = 1; i < command.arguments.size(); ++i) {
    const llvm::StringRef argument = command.arguments[i];
    if (argument == "-o" || argument == "-MF" || argument == "-MT" || argument == "-MQ") {
      ++i;
    } else if (argument.starts_with("-Wp,") || !startsWithAny(argument, {"-o", "-M", "-W"})) {
      text += '\0';
      text += argument;
    }
  }
  return text;
}

llvm::Expected<std::vector<CompileCommand>> loadCompilationDatabase(llvm::StringRef path, std::size_t* skipped) {
  llvm::SmallString<256> file(path);
  if (llvm::sys::fs::is_directory(file)) llvm::sys::path::append(file, "compile_commands.json");
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/true);
  if (!buffer)
    return failure("no compile_commands.json: cannot read '" + file + "' (make one with cmake " +
                   "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON, or with `bear -- make`)");
  llvm::Expected<llvm::json::Value> json = llvm::json::parse((*buffer)->getBuffer());
  if (!json) return failure("'" + file + "' is malformed: " + llvm::toString(json.takeError()));
  const llvm::json::Array* entries = json->getAsArray();
  if (!entries) return failure("'" + file + "' is malformed: not a list of compile commands");
  if (entries->empty())
    return failure("'" + file + "' is empty: it names no file to analyse (build the project once, then try again)");

  std::vector<CompileCommand> commands;
  llvm::StringSet<> seen;
  std::size_t left = 0;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    CompileCommand command;
    if (!readEntry((*entries)[i], command))
      return failure("'" + file + "' is malformed: entry " + llvm::Twine(i) +
                     " lacks `directory`, `file`, or `arguments` or `command`");
    if (!isCOrCxx(command)) {
      ++left;
    } else if (seen.insert(meaningOf(command)).second) {
      commands.push_back(std::move(command));
    }
  }
  if (skipped) *skipped = left;
  if (commands.empty()) return failure("'" + file + "' names no C or C++ file");
  return commands;
}

}  // namespace deadheat
