#include "tool/compiler/toolchain.h"

#include <cstdlib>

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

namespace deadheat {
namespace {

using llvm::StringRef;

/// `/usr/bin/x86_64-linux-gnu-g++-12` -> `g++`: without folder, target and version.
StringRef bareName(StringRef word) {
  StringRef name = llvm::sys::path::filename(word);
  auto [stem, version] = name.rsplit('-');
  if (!version.empty() && version.find_first_not_of("0123456789.") == StringRef::npos) name = stem;
  return name.contains('-') ? name.rsplit('-').second : name;
}

bool isLauncher(StringRef word) {
  return llvm::StringSwitch<bool>(llvm::sys::path::filename(word))
      .Cases("ccache", "sccache", "distcc", "icecc", true)
      .Default(false);
}

std::optional<CompilerFamily> familyByName(StringRef name) {
  if (name.contains("clang")) return CompilerFamily::Clang;
  if (name.contains("gcc") || name.contains("g++")) return CompilerFamily::Gcc;
  return std::nullopt;
}

CompilerFamily familyOf(const std::string& program, const Surroundings& surroundings) {
  if (auto family = familyByName(llvm::sys::path::filename(program))) return *family;
  std::string path = surroundings.findProgram(program).value_or(program);
  if (auto family = familyByName(llvm::sys::path::filename(surroundings.realPath(path)))) return *family;
  return StringRef(surroundings.versionText(path)).contains("clang") ? CompilerFamily::Clang : CompilerFamily::Gcc;
}

/// By its own name or the one its links lead to; asking it for its version would cost too much for every file.
bool namedClang19(const std::string& program, const Surroundings& surroundings) {
  auto says = [](StringRef path) {
    return path.contains("clang-19") || path.contains("clang++-19") || path.contains("llvm-19");
  };
  return says(program) || says(surroundings.realPath(surroundings.findProgram(program).value_or(program)));
}

/// How many leading arguments name the compiler to run.
std::size_t leadingCompiler(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && namesCompiler(arguments[0])) return 1;
  if (arguments.size() > 1 && isLauncher(arguments[0]) && namesCompiler(arguments[1])) return 2;
  return 0;
}

llvm::Expected<std::vector<std::string>> defaultCompiler(SourceLanguage language, const Surroundings& surroundings) {
  bool cxx = language == SourceLanguage::Cxx;
  const char* variable = cxx ? "DEADHEAT_CXX" : "DEADHEAT_CC";
  llvm::SmallVector<StringRef, 2> words;
  std::string chosen = surroundings.environment(variable);
  llvm::SplitString(chosen, words);
  if (!words.empty()) return std::vector<std::string>(words.begin(), words.end());
  for (const char* name : {cxx ? "clang++-19" : "clang-19", cxx ? "g++" : "gcc"})
    if (surroundings.findProgram(name)) return std::vector<std::string>{name};
  return llvm::createStringError(std::string("no compiler found: install clang-19 or gcc, or set ") + variable);
}

std::string programOutput(const std::string& program) {
  llvm::SmallString<128> file;
  if (llvm::sys::fs::createTemporaryFile("deadheat-version", "txt", file)) return {};
  std::optional<StringRef> redirects[] = {StringRef(), file.str(), StringRef()};
  llvm::sys::ExecuteAndWait(program, {program, "--version"}, std::nullopt, redirects, 10);
  auto buffer = llvm::MemoryBuffer::getFile(file);
  llvm::sys::fs::remove(file);
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

}  // namespace

Surroundings processSurroundings() {
  return {.environment =
              [](const char* name) {
                const char* value = std::getenv(name);
                return std::string(value == nullptr ? "" : value);
              },
          .findProgram = [](std::string_view name) -> std::optional<std::string> {
            auto path = llvm::sys::findProgramByName(name);
            if (!path) return std::nullopt;
            return *path;
          },
          .realPath =
              [](const std::string& path) {
                llvm::SmallString<256> real;
                return llvm::sys::fs::real_path(path, real) ? path : std::string(real);
              },
          .versionText = programOutput};
}

bool namesCompiler(std::string_view word) {
  if (word.starts_with("-") || word.starts_with("@")) return false;
  return llvm::StringSwitch<bool>(bareName(word))
      .Cases("cc", "c++", "gcc", "g++", "clang", "clang++", true)
      .Default(false);
}

llvm::Expected<CompilerCall> chooseCompiler(SourceLanguage language, const std::vector<std::string>& arguments,
                                            const Surroundings& surroundings) {
  CompilerCall call;
  std::size_t leading = leadingCompiler(arguments);
  auto split = arguments.begin() + static_cast<std::ptrdiff_t>(leading);
  call.arguments.assign(split, arguments.end());
  call.program.assign(arguments.begin(), split);
  if (leading == 0) {
    auto program = defaultCompiler(language, surroundings);
    if (!program) return program.takeError();
    call.program = std::move(*program);
  }
  call.family = familyOf(call.program.back(), surroundings);
  call.isClang19 = call.family == CompilerFamily::Clang && namedClang19(call.program.back(), surroundings);
  return call;
}

}  // namespace deadheat
