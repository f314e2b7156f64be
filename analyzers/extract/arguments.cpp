#include "analyzers/extract/arguments.h"

#include <array>

#include "clang/Basic/Version.h"
#include "clang/Driver/Driver.h"
#include "clang/Driver/Options.h"
#include "llvm/Option/ArgList.h"
#include "llvm/Option/OptTable.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/StringSaver.h"

namespace deadheat {
namespace {

namespace options = clang::driver::options;

bool isLauncher(llvm::StringRef program) {
  const llvm::StringRef name = llvm::sys::path::filename(program);
  return name == "ccache" || name == "distcc" || name == "sccache" || name == "icecc" || name == "deadheat" ||
         name == "env" || name == "nice" || name == "gomacc";
}

bool isCompiler(llvm::StringRef program) {
  const llvm::StringRef name = llvm::sys::path::filename(program);
  return name.contains("cc") || name.contains("++") || name.contains("clang") || name.contains("cpp");
}

/// Drops what stands in front of the compiler, so that the compiler's name comes first.
void stripLaunchers(std::vector<std::string>& arguments) {
  while (arguments.size() > 1 && isLauncher(arguments.front())) {
    const llvm::StringRef name = llvm::sys::path::filename(arguments.front());
    std::size_t drop = 1;
    if (name == "deadheat" && (arguments[1] == "cc" || arguments[1] == "c++")) {
      // `deadheat cc gcc -c …` wraps a compiler, `deadheat cc -c …` is one.
      if (arguments.size() > 2 && !llvm::StringRef(arguments[2]).starts_with("-") && isCompiler(arguments[2])) drop = 2;
    }
    while (drop < arguments.size() && (name == "env" || name == "nice") &&
           (arguments[drop].find('=') != std::string::npos || arguments[drop][0] == '-'))
      ++drop;
    arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(drop));
  }
}

/// Options that concern other things than what the source means.
bool isIrrelevant(const llvm::opt::Option& option) {
  static const std::array kIds = {
      options::OPT_c, options::OPT_S, options::OPT_E, options::OPT_o, options::OPT_M, options::OPT_MM, options::OPT_MD,
      options::OPT_MMD, options::OPT_MF, options::OPT_MT, options::OPT_MQ, options::OPT_MP, options::OPT_MG,
      options::OPT_MJ, options::OPT_fsyntax_only, options::OPT_fplugin_EQ, options::OPT_fpass_plugin_EQ,
      options::OPT_fsanitize_EQ, options::OPT_fno_sanitize_EQ, options::OPT_save_temps, options::OPT_save_temps_EQ,
      options::OPT_emit_llvm, options::OPT_resource_dir, options::OPT_resource_dir_EQ, options::OPT_verify_pch,
      options::OPT_fmodules_cache_path, options::OPT_ftime_trace, options::OPT_emit_pch, options::OPT_include_pch,
      options::OPT_fcolor_diagnostics, options::OPT_fdiagnostics_color_EQ, options::OPT_pedantic,
      options::OPT_pedantic_errors, options::OPT_gsplit_dwarf, options::OPT_pipe, options::OPT__HASH_HASH_HASH,
      options::OPT_v};
  for (const auto id : kIds)
    if (option.matches(id)) return true;
  return option.matches(options::OPT_W_Group) || option.matches(options::OPT_g_Group) ||
         option.matches(options::OPT_w);
}

}  // namespace

/// Drops `-Xclang -include-pch -Xclang FILE` where FILE is not there (the project was not built): the header that it
/// was made of is included as text by the `-include` beside it.
static void dropMissingPch(std::vector<std::string>& arguments, const std::string& directory,
                           llvm::vfs::FileSystem& files) {
  for (std::size_t i = 0; i + 3 < arguments.size(); ++i) {
    if (arguments[i] != "-Xclang" || arguments[i + 1] != "-include-pch" || arguments[i + 2] != "-Xclang") continue;
    llvm::SmallString<256> file(arguments[i + 3]);
    llvm::sys::fs::make_absolute(directory, file);
    if (!files.exists(file)) arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i),
                                             arguments.begin() + static_cast<std::ptrdiff_t>(i + 4));
    return;
  }
}

AdjustedArguments adjustArguments(const CompileCommand& command, const std::string& resourceDirectory,
                                  llvm::vfs::FileSystem& files) {
  std::vector<std::string> plain = command.arguments;
  stripLaunchers(plain);
  dropMissingPch(plain, command.directory, files);
  if (plain.empty()) plain = {"c++", command.file};
  llvm::BumpPtrAllocator memory;
  llvm::StringSaver saver(memory);
  llvm::SmallVector<const char*, 64> raw;
  for (const std::string& argument : plain) raw.push_back(saver.save(argument).data());
  llvm::cl::ExpansionContext expansion(memory, llvm::cl::TokenizeGNUCommandLine);
  expansion.setVFS(&files).setCurrentDir(command.directory);
  llvm::consumeError(expansion.expandResponseFiles(raw));

  AdjustedArguments result;
  const llvm::StringRef program = llvm::sys::path::filename(raw[0]);
  const bool isWrapper = program == "deadheat" && raw.size() > 1 && llvm::StringRef(raw[1]) == "c++";
  const bool isCxx = program.contains("++") || isWrapper;
  result.arguments = {isCxx ? "clang++" : "clang", isCxx ? "--driver-mode=g++" : "--driver-mode=gcc"};
  unsigned missingIndex = 0;
  unsigned missingCount = 0;
  const std::size_t first = program == "deadheat" ? 2 : 1;
  const llvm::opt::InputArgList parsed = clang::driver::getDriverOptTable().ParseArgs(
      llvm::ArrayRef(raw).drop_front(std::min(first, raw.size())), missingIndex, missingCount,
      llvm::opt::Visibility(options::ClangOption));
  for (const llvm::opt::Arg* argument : parsed) {
    if (argument->getOption().matches(options::OPT_UNKNOWN)) {
      result.dropped.push_back(argument->getAsString(parsed));
      continue;
    }
    if (isIrrelevant(argument->getOption()) || argument->getOption().hasFlag(options::LinkOption)) continue;
    llvm::opt::ArgStringList rendered;
    argument->render(parsed, rendered);
    result.arguments.insert(result.arguments.end(), rendered.begin(), rendered.end());
  }
  for (const char* extra : {"-fsyntax-only", "-w", "-Wno-error", "-fno-color-diagnostics", "-D__deadheat__=1"})
    result.arguments.emplace_back(extra);
  result.arguments.push_back("-resource-dir=" + resourceDirectory);
  return result;
}

llvm::Expected<std::string> findResourceDirectory(const std::string& wanted) {
  auto isGood = [](llvm::StringRef directory) {
    llvm::SmallString<256> header(directory);
    llvm::sys::path::append(header, "include", "stddef.h");
    return llvm::sys::fs::exists(header);
  };
  std::vector<std::string> candidates;
  if (!wanted.empty()) {
    candidates.push_back(wanted);
  } else {
    const std::string version = std::to_string(CLANG_VERSION_MAJOR);
    candidates = {"/usr/lib/llvm-" + version + "/lib/clang/" + version, "/usr/lib/clang/" + version,
                  "/usr/lib64/clang/" + version, "/usr/local/lib/clang/" + version};
  }
  for (const std::string& candidate : candidates)
    if (isGood(candidate)) return candidate;
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 "Clang's own headers not found: no include/stddef.h in " + candidates.front() +
                                     " (install libclang-common-19-dev or say where with --resource-dir)");
}

}  // namespace deadheat
