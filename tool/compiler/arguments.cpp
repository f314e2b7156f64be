#include "tool/compiler/arguments.h"

#include <algorithm>
#include <array>

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/StringSaver.h"

namespace deadheat {
namespace {

using llvm::StringRef;

enum class InputKind : std::uint8_t { Source, Header, Assembly, Object };

/// Options whose value is the next argument.
bool takesValue(StringRef option) {
  static constexpr std::array kOptions = {"-o",
                                          "-x",
                                          "-I",
                                          "-L",
                                          "-D",
                                          "-U",
                                          "-F",
                                          "-T",
                                          "-B",
                                          "-l",
                                          "-u",
                                          "-z",
                                          "-e",
                                          "-G",
                                          "-A",
                                          "-MF",
                                          "-MT",
                                          "-MQ",
                                          "-MJ",
                                          "-include",
                                          "-include-pch",
                                          "-imacros",
                                          "-isystem",
                                          "-iquote",
                                          "-idirafter",
                                          "-iprefix",
                                          "-iwithprefix",
                                          "-iwithprefixbefore",
                                          "-isysroot",
                                          "-cxx-isystem",
                                          "-imultilib",
                                          "-Xlinker",
                                          "-Xclang",
                                          "-Xassembler",
                                          "-Xpreprocessor",
                                          "-mllvm",
                                          "-target",
                                          "-arch",
                                          "-framework",
                                          "-aux-info",
                                          "-wrapper",
                                          "--param",
                                          "--sysroot",
                                          "-dumpbase",
                                          "-dumpdir",
                                          "-rpath",
                                          "-specs",
                                          "--serialize-diagnostics",
                                          "-gcc-toolchain"};
  return std::find(kOptions.begin(), kOptions.end(), option) != kOptions.end();
}

InputKind kindByExtension(StringRef file) {
  return llvm::StringSwitch<InputKind>(llvm::sys::path::extension(file))
      .Cases(".c", ".cc", ".cp", ".cpp", ".cxx", ".c++", ".C", ".CPP", ".CXX", InputKind::Source)
      .Cases(".i", ".ii", ".m", ".mm", ".mi", ".mii", ".cppm", ".ixx", ".ccm", InputKind::Source)
      .Cases(".h", ".hh", ".hpp", ".hxx", ".H", ".h++", ".hp", ".tcc", InputKind::Header)
      .Cases(".s", ".S", ".sx", ".asm", InputKind::Assembly)
      .Default(InputKind::Object);
}

InputKind kindByLanguage(StringRef language) {
  if (language.starts_with("assembler")) return InputKind::Assembly;
  return language.ends_with("-header") ? InputKind::Header : InputKind::Source;
}

std::vector<std::string> expandResponseFiles(const std::vector<std::string>& arguments) {
  llvm::BumpPtrAllocator allocator;
  llvm::StringSaver saver(allocator);
  llvm::SmallVector<const char*, 64> pointers;
  for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
  llvm::cl::ExpansionContext context(allocator, llvm::cl::TokenizeGNUCommandLine);
  llvm::consumeError(context.expandResponseFiles(pointers));
  return {pointers.begin(), pointers.end()};
}

/// Collects what single words say, then concludes.
class Reader {
 public:
  explicit Reader(std::vector<std::string> words) { result_.words = std::move(words); }

  CompilerArguments read() {
    const auto& words = result_.words;
    for (std::size_t i = 0; i < words.size(); ++i) {
      StringRef word = words[i];
      if (word == "-" || !word.starts_with("-")) {
        input(word);
      } else {
        option(word, i + 1 < words.size() ? StringRef(words[i + 1]) : StringRef());
        i += takesValue(word) ? 1 : 0;
      }
    }
    conclude();
    return std::move(result_);
  }

 private:
  void input(StringRef file) {
    InputKind kind = language_.empty() || language_ == "none" ? kindByExtension(file) : kindByLanguage(language_);
    hasInput_ = true;
    result_.hasSource |= kind == InputKind::Source || kind == InputKind::Header;
    onlyHeaders_ &= kind == InputKind::Header;
  }

  void option(StringRef word, StringRef next) {
    if (word == "-x")
      language_ = next.str();
    else if (word.consume_front("-x"))
      language_ = word.str();
    else if (word == "-E")
      preprocess_ = true;
    else if (word == "-M" || word == "-MM" || word == "-fsyntax-only")
      dependencies_ = true;
    else if (word == "-c" || word == "-S" || word == "--precompile")
      compile_ = true;
    else if (word == "-r")
      partial_ = true;
    else if (word == "-shared" || word == "--shared" || word == "-dynamiclib")
      shared_ = true;
    else if (word == "-static" || word == "-static-pie" || word == "--static")
      static_ = word.str();
    else if (word.contains("--build-id"))
      result_.hasBuildId = true;
    else if (word.starts_with("-g") && !word.starts_with("-gcc"))
      debugInfo(word);
    else if (word == "-MD" || word == "-MMD")
      result_.writesDependencies = true;
    else
      sanitizer(word);
  }

  void debugInfo(StringRef word) {
    result_.hasDebugInfo = true;
    result_.hasNoDebugInfo = word == "-g0" || word == "-ggdb0";
  }

  void sanitizer(StringRef word) {
    StringRef list = word;
    if (list.consume_front("-fno-sanitize=")) {
      for (StringRef kind : llvm::split(list, ',')) result_.optsOut |= kind == "thread" || kind == "all";
    } else if (list.consume_front("-fsanitize=")) {
      for (StringRef kind : llvm::split(list, ',')) {
        bool clashes = llvm::StringSwitch<bool>(kind)
                           .Cases("address", "hwaddress", "memory", "leak", "dataflow", "realtime", true)
                           .Cases("kernel-address", "kernel-memory", "kernel-hwaddress", "safe-stack", true)
                           .Default(false);
        result_.otherSanitizers |= kind != "thread";
        if (clashes && result_.conflict.empty()) result_.conflict = "-fsanitize=" + kind.str();
      }
    }
  }

  void conclude() {
    result_.step = step();
    bool links = result_.step == CompilerStep::Link;
    if (links && !static_.empty() && result_.conflict.empty()) result_.conflict = static_;
    bool codeIsMade = result_.step != CompilerStep::Query && result_.step != CompilerStep::Dependencies;
    if (!codeIsMade) result_.conflict.clear();
  }

  CompilerStep step() const {
    if (!hasInput_) return CompilerStep::Query;
    if (dependencies_) return CompilerStep::Dependencies;
    if (preprocess_) return CompilerStep::Preprocess;
    if (compile_ || onlyHeaders_) return CompilerStep::Compile;
    if (partial_) return CompilerStep::PartialLink;
    return shared_ ? CompilerStep::SharedLink : CompilerStep::Link;
  }

  CompilerArguments result_;
  std::string language_;
  std::string static_;
  bool hasInput_ = false;
  bool onlyHeaders_ = true;
  bool preprocess_ = false;
  bool dependencies_ = false;
  bool compile_ = false;
  bool partial_ = false;
  bool shared_ = false;
};

/// `-fsanitize=a,thread,b` without `thread`; empty when nothing is left.
std::string withoutThread(StringRef word) {
  llvm::SmallVector<StringRef, 4> kept;
  for (StringRef kind : llvm::split(word.substr(StringRef("-fsanitize=").size()), ','))
    if (kind != "thread") kept.push_back(kind);
  return kept.empty() ? std::string() : "-fsanitize=" + llvm::join(kept, ",");
}

/// `-Wl,a,-z,defs,b` without the demand; empty when nothing is left.
std::string withoutNoUndefined(StringRef word) {
  llvm::SmallVector<StringRef, 8> parts;
  word.substr(4).split(parts, ',');
  llvm::SmallVector<StringRef, 8> kept;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    bool pair = parts[i] == "-z" && i + 1 < parts.size() && parts[i + 1] == "defs";
    bool single = parts[i] == "--no-undefined" || parts[i] == "-no-undefined" || parts[i] == "-zdefs";
    if (!pair && !single) kept.push_back(parts[i]);
    i += pair ? 1 : 0;
  }
  return kept.empty() ? std::string() : "-Wl," + llvm::join(kept, ",");
}

std::string withoutHindrance(const std::string& word, CompilerStep step) {
  StringRef text = word;
  if (text.starts_with("-fsanitize=")) return withoutThread(text);
  if (step == CompilerStep::SharedLink && text.starts_with("-Wl,")) return withoutNoUndefined(text);
  return word;
}

}  // namespace

CompilerArguments readArguments(const std::vector<std::string>& arguments) {
  return Reader(expandResponseFiles(arguments)).read();
}

std::vector<std::string> withoutHindrances(const std::vector<std::string>& arguments, CompilerStep step) {
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    bool demand = step == CompilerStep::SharedLink && i + 1 < arguments.size() &&
                  ((arguments[i] == "-z" && arguments[i + 1] == "defs") ||
                   (arguments[i] == "-Xlinker" && arguments[i + 1] == "--no-undefined"));
    if (demand) {
      ++i;
      continue;
    }
    std::string word = withoutHindrance(arguments[i], step);
    if (!word.empty() || arguments[i].empty()) kept.push_back(std::move(word));
  }
  return kept;
}

}  // namespace deadheat
