// `deadheat check`: the static half on its own.
#include <memory>

#include "llvm/Support/FileSystem.h"
#include "tool/commands/delivery.h"
#include "tool/pipeline/capture.h"

namespace deadheat {
namespace {

constexpr char kFooter[] = R"(
`deadheat check -- BUILD-COMMAND` watches a build (with bear) and analyses what it compiles. Start from a clean tree.

PATH limits the analysis to units below it and the report to findings with a place below it; for a header or a folder
without units every unit is analysed.

Exit code 3 if some units failed and there are no findings at or above --fail-on. The other units are analysed all the
same. A unit fails that does not parse, crashes Clang, or takes more than --unit-timeout or --unit-memory.

What was extracted is kept in a cache and used again while the unit's command, every file it includes, the models and
deadheat are what they were; if no facts differ, nothing is linked and checked again either. A run that is killed keeps
what it had extracted. `deadheat cache --help` says how to look after the cache.)";

struct CheckCommand {
  AnalysisArguments analysis;
  OutputOptions output;
  const Trailing& trailing;

  explicit CheckCommand(const Trailing& trailing) : trailing(trailing) {}

  /// The folder of a captured build's database, removed at the end.
  struct CaptureFolder {
    llvm::SmallString<128> path;
    ~CaptureFolder() {
      if (!path.empty()) llvm::sys::fs::remove_directories(path);
    }
  };

  int run() {
    Console console = output.console();
    auto configuration = analysis.configuration();
    if (!configuration) return fail(console, configuration.takeError());
    output.complete(*configuration);
    auto delivery = Delivery::prepare(output, {"text"});
    if (!delivery) return fail(console, delivery.takeError());
    auto options = analysis.toOptions();
    if (!options) return fail(console, options.takeError());
    CaptureFolder folder;
    bool buildFailed = false;
    if (llvm::Error error = capture(*options, folder, buildFailed)) return fail(console, std::move(error));
    auto result = analyse(*options, console);
    if (!result) return fail(console, result.takeError());

    Report report;
    report.command = "check";
    report.findings = std::move(result->findings);
    report.analysis = std::move(result->summary);
    if (buildFailed) {
      report.notes.push_back("the build failed; what it compiled before was analysed");
      console.warning(report.notes.back());
    }
    bool incomplete = buildFailed || !report.analysis.failures.empty();
    std::string preamble = summaryText(report.analysis);
    return toInt(
        delivery->deliver(std::move(report), incomplete ? Completeness::Incomplete : Completeness::Complete, preamble));
  }

  llvm::Error capture(AnalysisOptions& options, CaptureFolder& folder, bool& buildFailed) const {
    if (!trailing.given) return llvm::Error::success();
    if (trailing.words.empty()) return usageError("no build command after `--`");
    if (!options.database.empty()) return usageError("give either -p or a build command, not both");
    if (auto code = llvm::sys::fs::createUniqueDirectory("deadheat-capture", folder.path))
      return llvm::createStringError("cannot make a temporary folder: " + code.message());
    auto database = captureBuild(trailing.words, std::string(folder.path), buildFailed);
    if (!database) return database.takeError();
    options.database = *database;
    return llvm::Error::success();
  }
};

}  // namespace

Action declareCheck(CLI::App& app, const Trailing& trailing) {
  auto command = std::make_shared<CheckCommand>(trailing);
  command->analysis.declare(app, "files and folders to analyse and report on (default: everything)");
  command->output.declare(app);
  app.footer(kFooter);
  return [command] { return command->run(); };
}

}  // namespace deadheat
