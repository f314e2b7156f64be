// From argv to a subcommand: the compiler wrapper first, since all its words are the compiler's; then CLI11.
#include <algorithm>
#include <map>
#include <sstream>

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include "tool/commands/command.h"
#include "tool/compiler/wrapper.h"
#include "tool/version.h"

namespace deadheat {
namespace {

constexpr char kDescription[] =
    "deadheat finds concurrency bugs in C and C++: statically over a whole code base, then by making each one happen.";

constexpr char kFooter[] = R"(
Typical use:
  deadheat check -p build                        all hazards in a code base
  CC="deadheat cc" CXX="deadheat c++" cmake -S . -B build
                                                 an instrumented build, which contains deadheat's runtime
  deadheat run -- build/tests                    what shows in a free run
  deadheat hunt -p build -- build/tests          check, then steer runs towards each finding

Exit codes:
  0   clean
  1   the tool failed, or nothing was analysed
  2   findings at or above --fail-on
  3   incomplete: some files or runs failed, and no such findings
  64  wrong usage
  `run` otherwise exits as the program did; `cc` and `c++` as the compiler did.

Environment:
  NO_COLOR              no colours
  DEADHEAT_CACHE        folder of the cache (default: deadheat in $XDG_CACHE_HOME or ~/.cache)
  DEADHEAT_CC, _CXX     the real compiler (default: clang-19, else gcc)
  DEADHEAT_RUNTIME_DIR  folder of libdeadheat_rt.a (default: lib/deadheat beside the folder of this program)

`deadheat COMMAND --help` shows the options of a command. Findings go to stdout, all else to stderr.)";

/// Takes what follows the first `--` out of `words`.
Trailing splitTrailing(std::vector<std::string>& words) {
  auto separator = std::find(words.begin(), words.end(), "--");
  if (separator == words.end()) return {};
  Trailing trailing{true, {separator + 1, words.end()}};
  words.erase(separator, words.end());
  return trailing;
}

/// What to say when the first word should be a subcommand and is none; empty if all is well.
std::string unknownCommand(const std::vector<std::string>& words) {
  if (words.empty() || words[0].starts_with("-")) return {};
  unsigned best = 3;
  std::string message = "unknown command '" + words[0] + "'";
  std::string nearest;
  for (const CommandRow& row : allCommands()) {
    unsigned distance = llvm::StringRef(words[0]).edit_distance(row.name);
    if (distance == 0) return {};
    if (distance >= best) continue;
    best = distance;
    nearest = row.name;
  }
  return message + (nearest.empty() ? ":" : ", did you mean '" + nearest + "'?");
}

int answerParseError(CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream errors;
  bool isHelp = app.exit(error, out, errors) == 0;
  llvm::outs() << out.str();
  std::string text = errors.str();
  if (!text.empty()) llvm::errs() << "deadheat: " << text.substr(0, text.find('\n')) << "; see `deadheat --help`\n";
  return toInt(isHelp ? ExitCode::Clean : ExitCode::Usage);
}

}  // namespace

int runCommandLine(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (auto language = languageOfName(argv[0])) return runCompiler(*language, words);
  if (!words.empty() && (words[0] == "cc" || words[0] == "c++"))
    return runCompiler(words[0] == "cc" ? SourceLanguage::C : SourceLanguage::Cxx, {words.begin() + 1, words.end()});

  if (std::string message = unknownCommand(words); !message.empty()) {
    llvm::errs() << "deadheat: " << message << " `deadheat --help` shows all\n";
    return toInt(ExitCode::Usage);
  }
  Trailing trailing = splitTrailing(words);
  CLI::App app(kDescription, "deadheat");
  app.set_version_flag("--version", "deadheat " + std::string(version()));
  app.footer(kFooter);
  app.require_subcommand(1);
  std::map<const CLI::App*, Action> actions;
  for (const CommandRow& row : allCommands()) {
    CLI::App* command = app.add_subcommand(row.name, row.summary);
    actions[command] = row.declare(*command, trailing);
  }
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return answerParseError(app, error);
  }
  return actions.at(app.get_subcommands().front())();
}

}  // namespace deadheat
