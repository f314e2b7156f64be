// `deadheat hunt`: check, confirm and report: the main job.
#include "tool/confirm/hunt.h"

#include <memory>

#include "llvm/Support/FileSystem.h"
#include "tool/commands/delivery.h"
#include "tool/commands/steering.h"
#include "tool/compiler/wrapper.h"

namespace deadheat {
namespace {

constexpr char kFooter[] = R"(
Two forms:
  deadheat hunt -p BUILD [PATH...] -- PROG ARGS   a project; PROG built with `deadheat cc` or `c++`
  deadheat hunt SOURCE...                         one small program, built here from its sources

Unless --output says otherwise, the report and a table go to stdout, findings.json and findings.sarif to --output-dir,
beside the recordings of what was confirmed.)";

struct HuntCommand {
  AnalysisArguments analysis;
  OutputOptions output;
  SteeringOptions steering;
  std::vector<std::string> compileFlags;
  const Trailing& trailing;

  explicit HuntCommand(const Trailing& trailing) : trailing(trailing) {}

  int run() {
    Console console = output.console();
    auto configuration = analysis.configuration();
    if (!configuration) return fail(console, configuration.takeError());
    output.complete(*configuration);
    if (llvm::Error error = checkForm()) return fail(console, std::move(error));
    auto delivery = prepare();
    if (!delivery) return fail(console, delivery.takeError());
    std::vector<std::string> command = trailing.words;
    auto options = trailing.given ? analysis.toOptions() : fromSources(command);
    if (!options) return fail(console, options.takeError());
    auto result = analyse(*options, console);
    if (!result) return fail(console, result.takeError());
    console.info(summaryText(result->summary));
    delivery->filter(result->findings);
    return confirmAndDeliver(*delivery, std::move(*result), command, console);
  }

  llvm::Error checkForm() const {
    if (trailing.given && trailing.words.empty()) return usageError("no program after `--`");
    if (!trailing.given && analysis.paths.empty())
      return usageError("give source files, or a program after `--`: `deadheat hunt -p BUILD -- PROG ARGS`");
    if (!trailing.given && !analysis.database.empty())
      return usageError("-p goes with a program: `deadheat hunt -p BUILD -- PROG ARGS`");
    return llvm::Error::success();
  }

  llvm::Expected<Delivery> prepare() const {
    const std::string& folder = steering.outputDirectory;
    if (auto code = llvm::sys::fs::create_directories(folder))
      return llvm::createStringError("cannot make the output folder " + folder + ": " + code.message());
    return Delivery::prepare(
        output, {"text", "table", "json:" + folder + "/findings.json", "sarif:" + folder + "/findings.sarif"});
  }

  /// Builds the program and turns the request into that of a project; `command` becomes the built program.
  llvm::Expected<AnalysisOptions> fromSources(std::vector<std::string>& command) const {
    auto built = buildProgram({analysis.paths, compileFlags, absolutePath(steering.outputDirectory) + "/build"},
                              thisExecutable());
    if (!built) return built.takeError();
    command = {built->binary};
    AnalysisArguments project = analysis;
    project.paths.clear();
    project.database = built->buildDirectory;
    return project.toOptions();
  }

  /// What static analysis found is delivered whatever becomes of the runs.
  int confirmAndDeliver(const Delivery& delivery, AnalysisResult analysed, const std::vector<std::string>& command,
                        const Console& console) const {
    Report report;
    report.command = "hunt";
    report.analysis = std::move(analysed.summary);
    report.findings = analysed.findings;
    auto result = steer(std::move(analysed.findings), command, analysis.jobs, steering, console);
    if (!result) {
      std::string reason = llvm::toString(result.takeError());
      console.error(reason);
      for (Finding& finding : report.findings) finding.verdict = notRun(reason);
      report.notes.push_back(reason);
      delivery.deliver(std::move(report), Completeness::Incomplete);
      return toInt(ExitCode::ToolError);
    }
    for (const std::string& note : result->notes) console.warning(note);
    report.findings = std::move(result->findings);
    report.notes = std::move(result->notes);
    bool incomplete = result->incomplete || !report.analysis.failures.empty();
    return toInt(delivery.deliver(std::move(report), incomplete ? Completeness::Incomplete : Completeness::Complete));
  }

  static Verdict notRun(const std::string& reason) {
    Verdict verdict;
    verdict.kind = Verdict::Kind::NotRun;
    verdict.reason = reason;
    return verdict;
  }
};

}  // namespace

Action declareHunt(CLI::App& app, const Trailing& trailing) {
  auto command = std::make_shared<HuntCommand>(trailing);
  setUsage(app,
           "Usage: deadheat hunt [OPTIONS] -p BUILD [PATH...] -- PROG ARGS\n       deadheat hunt [OPTIONS] SOURCE...");
  command->analysis.declare(app, "with a program: files and folders to look at; without: the sources of one");
  app.add_option("--compile-flag", command->compileFlags, "for SOURCE: passed to the compiler; repeatable")
      ->type_name("FLAG")
      ->take_all()
      ->expected(1)
      ->allow_extra_args(false);
  command->steering.declare(app);
  command->output.declare(app);
  app.footer(kFooter);
  return [command] { return command->run(); };
}

}  // namespace deadheat
