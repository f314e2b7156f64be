// `deadheat summarize`: the facts of single source files, as a pure function from files to files.
#include <memory>

#include "analyzers/extract/compilation_database.h"
#include "analyzers/facts/archive.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "tool/commands/options.h"
#include "tool/pipeline/units.h"

namespace deadheat {
namespace {

constexpr char kFooter[] = R"(
Compile commands come from -p, or stand after `--`, without compiler and source:
  deadheat summarize src/a.cpp -o a.facts -- -std=c++20 -Iinclude)";

struct SummarizeCommand {
  std::vector<std::string> sources;
  std::string database;
  std::vector<std::string> models;
  std::string output;
  bool quiet = false;
  const Trailing& trailing;

  explicit SummarizeCommand(const Trailing& trailing) : trailing(trailing) {}

  int run() const {
    Console console(quiet ? Verbosity::Quiet : Verbosity::Normal);
    if (!output.empty() && sources.size() != 1) return fail(console, usageError("-o goes with one source file"));
    auto set = ModelSet::load(models);
    if (!set) return fail(console, set.takeError());
    auto commands = trailing.given ? fixedCommands() : databaseCommands();
    if (!commands) return fail(console, commands.takeError());
    ExitCode worst = ExitCode::Clean;
    for (const CompileCommand& command : *commands) {
      ExitCode code = summarizeOne(command, *set, console);
      if (worst != ExitCode::ToolError && code != ExitCode::Clean) worst = code;
    }
    return toInt(worst);
  }

  llvm::Expected<std::vector<CompileCommand>> fixedCommands() const {
    std::vector<CompileCommand> commands;
    for (const std::string& source : sources) {
      if (!llvm::sys::fs::exists(source)) return llvm::createStringError("no such file: " + source);
      bool isC = llvm::sys::path::extension(source) == ".c";
      CompileCommand command{absolutePath("."), absolutePath(source), {isC ? "clang" : "clang++"}};
      command.arguments.insert(command.arguments.end(), trailing.words.begin(), trailing.words.end());
      command.arguments.insert(command.arguments.end(), {"-c", command.file});
      commands.push_back(std::move(command));
    }
    return commands;
  }

  llvm::Expected<std::vector<CompileCommand>> databaseCommands() const {
    auto filter = PathFilter::create(sources);
    if (!filter) return filter.takeError();
    auto path = findDatabase(database);
    if (!path) return path.takeError();
    auto units = selectUnits(*path, *filter);
    if (!units) return units.takeError();
    return std::move(units->commands);
  }

  ExitCode summarizeOne(const CompileCommand& command, const ModelSet& set, const Console& console) const {
    Extraction extraction = extract(command, set);
    for (const Diagnostic& diagnostic : extraction.facts.diagnostics)
      if (diagnostic.severity == Diagnostic::Severity::Error) console.warning(command.file + ": " + diagnostic.message);
    std::string file = output.empty() ? llvm::sys::path::filename(command.file).str() + ".facts" : output;
    std::error_code code;
    llvm::raw_fd_ostream out(file, code);
    if (!code) {
      out << writeFacts(extraction.facts);
      out.close();
      code = out.error();
      out.clear_error();
    }
    if (code) {
      console.error("cannot write " + file + ": " + code.message());
      return ExitCode::ToolError;
    }
    console.info(file + ": " + std::to_string(extraction.facts.functions.size()) + " functions");
    return extraction.parsed ? ExitCode::Clean : ExitCode::Incomplete;
  }
};

}  // namespace

Action declareSummarize(CLI::App& app, const Trailing& trailing) {
  auto command = std::make_shared<SummarizeCommand>(trailing);
  setUsage(app, "Usage: deadheat summarize [OPTIONS] SOURCE... [-- COMPILER-ARGS]");
  app.add_option("SOURCE", command->sources, "source files")->required();
  app.add_option("-p", command->database, "folder with compile_commands.json, or the file")->type_name("BUILD");
  app.add_option("-o", command->output, "facts file to write (default: SOURCE.facts here)")->type_name("FILE");
  app.add_option("--models", command->models, "file that says what your library's functions mean; repeatable")
      ->type_name("FILE")
      ->take_all()
      ->expected(1)
      ->allow_extra_args(false);
  app.add_flag("-q,--quiet", command->quiet, "warnings and errors only");
  app.footer(kFooter);
  return [command] { return command->run(); };
}

}  // namespace deadheat
