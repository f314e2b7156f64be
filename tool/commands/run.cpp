// `deadheat run`: one free run of a program, instrumented or, for its locks alone, as it is.
#include "tool/run/run.h"

#include <memory>

#include "llvm/Support/raw_ostream.h"
#include "tool/commands/delivery.h"

namespace deadheat {
namespace {

constexpr char kFooter[] = R"(
Runs PROG with its own input, output and environment and reports the races, lock-order cycles and deadlocks that the run
showed. PROG must be built with `deadheat cc` or `deadheat c++`.

With --mode=locks PROG is any program as it is: lock-order cycles, deadlocks and misuse of locks are reported, races are
not. That costs so little that it can stay on.

Exits as PROG did, but with 66 if there are findings (or --exitcode), 128+N if signal N ended it, and 1 if it could not
be run. As a test launcher: cmake -DCMAKE_CROSSCOMPILING_EMULATOR="deadheat;run;--")";

struct RunCommand {
  OutputOptions output;
  CLI::Option* exitCodeOption = nullptr;
  int exitCode = 0;
  std::string mode = "detect";
  bool contention = false;
  double timeLimitSeconds = 0;
  std::string recording;
  std::string runtimeOptions;
  CLI::App* app = nullptr;
  const Trailing& trailing;

  explicit RunCommand(const Trailing& trailing) : trailing(trailing) {}

  int run() const {
    Console console = output.console();
    RunOptions options;
    options.command = app->remaining();
    options.command.insert(options.command.end(), trailing.words.begin(), trailing.words.end());
    if (options.command.empty()) return fail(console, usageError("no program to run: `deadheat run -- PROG ARGS`"));
    auto delivery = Delivery::prepare(output, {"text"});
    if (!delivery) return fail(console, delivery.takeError());
    options.mode = mode == "locks" ? RunMode::Locks : RunMode::Detect;
    if (exitCodeOption->count() != 0) options.exitCode = exitCode;
    options.contention = contention;
    options.timeLimit = std::chrono::milliseconds(static_cast<long long>(timeLimitSeconds * 1000));
    options.recordingPath = recording;
    options.runtimeOptions = runtimeOptions;
    auto result = runProgram(options);
    if (!result) return fail(console, result.takeError());
    return deliver(*delivery, std::move(*result), console);
  }

  int deliver(const Delivery& delivery, RunReport result, const Console& console) const {
    for (const std::string& note : result.notes) console.warning(note);
    for (const std::string& line : result.contention) llvm::errs() << line << "\n";
    Report report;
    report.command = "run";
    report.findings = std::move(result.findings);
    report.notes = std::move(result.notes);
    ExitCode code = delivery.deliver(std::move(report), Completeness::Complete);
    return code == ExitCode::ToolError ? toInt(code) : result.exitCode;
  }
};

}  // namespace

Action declareRun(CLI::App& app, const Trailing& trailing) {
  auto command = std::make_shared<RunCommand>(trailing);
  command->app = &app;
  setUsage(app, "Usage: deadheat run [OPTIONS] -- PROG ARGS");
  app.prefix_command();
  command->output.declareShowing(app);
  app.add_option("--mode", command->mode, "what to look at: everything, or locks and waits of any program")
      ->check(CLI::IsMember({"detect", "locks"}))
      ->capture_default_str();
  command->exitCodeOption =
      app.add_option("--exitcode", command->exitCode, "what to exit with when there are findings")->type_name("N");
  app.add_flag("--contention", command->contention, "also show who waited for which lock how long");
  app.add_option("--time-limit", command->timeLimitSeconds, "end PROG after this time")->type_name("SECONDS");
  app.add_option("--recording", command->recording, "keep the raw recording")->type_name("FILE");
  app.add_option("--runtime-options", command->runtimeOptions, "name=value pairs for the runtime, joined by colons")
      ->type_name("TEXT");
  app.footer(kFooter);
  return [command] { return command->run(); };
}

}  // namespace deadheat
