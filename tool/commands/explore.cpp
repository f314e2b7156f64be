// `deadheat explore`: an instrumented program under many schedules.
#include "tool/explore/explore.h"

#include <memory>

#include "tool/commands/explored.h"
#include "tool/console/progress.h"
#include "tool/explore/shard.h"
#include "tool/report/findings_file.h"

namespace deadheat {
namespace {

constexpr char kFooter[] = R"(
Runs PROG again and again, one thread at a time, and decides at every operation on a lock, an atomic, a condition, a thread
and so on (and at every access to memory, see --points) which thread goes on. Reports each distinct failure once, with the
shortest schedule that brings it about, which `deadheat replay` repeats. PROG must be built with `deadheat cc` or
`deadheat c++`.

Exits with 2 if there is a failure at or above --fail-on, 1 if PROG could not be run, else 0.)";

constexpr std::size_t kUnlimited = ~std::size_t{0} >> 1;

struct ExploreCommand {
  ExploreOptions options;
  OutputOptions output;
  std::string points = "all";
  std::string findings;
  std::string shard;
  bool executes = false;
  double budgetSeconds = 0;
  double timeLimitSeconds = 10;
  bool keepLong = false;
  CLI::App* app = nullptr;
  CLI::Option* runsOption = nullptr;
  const Trailing& trailing;

  explicit ExploreCommand(const Trailing& trailing) : trailing(trailing) {}

  static std::chrono::milliseconds millis(double seconds) {
    return std::chrono::milliseconds(static_cast<long long>(seconds * 1000));
  }

  int run() {
    Console console = output.console();
    options.command = app->remaining();
    options.command.insert(options.command.end(), trailing.words.begin(), trailing.words.end());
    if (options.command.empty()) return fail(console, usageError("no program to run: `deadheat explore -- PROG ARGS`"));
    auto delivery = Delivery::prepare(output, {"text"});
    if (!delivery) return fail(console, delivery.takeError());
    if (llvm::Error error = takePoints()) return fail(console, std::move(error));
    auto part = shardOf(shard);
    if (!part) return fail(console, usageError(llvm::toString(part.takeError())));
    options.shard = *part;
    options.budget = millis(budgetSeconds);
    options.timeLimit = millis(timeLimitSeconds);
    options.shortens = !keepLong;
    options.forks = !executes;
    const bool endsByItself = budgetSeconds != 0 || options.strategy == "dfs";
    if (endsByItself && runsOption->count() == 0) options.runs = kUnlimited;
    auto result = exploreWithProgress(console);
    if (!result) return fail(console, result.takeError());
    return deliverExplored(*delivery, "explore", std::move(*result), console);
  }

  llvm::Error takePoints() {
    if (points == "all") options.points = protocol::SchedulePoints::All;
    if (points == "sync") options.points = protocol::SchedulePoints::Synchronisation;
    if (points != "sites") return llvm::Error::success();
    options.points = protocol::SchedulePoints::Sites;
    if (findings.empty()) return usageError("--points=sites needs --findings=FILE, which says what the sites are");
    auto report = readFindings(findings);
    if (!report) return report.takeError();
    options.findings = std::move(report->findings);
    return llvm::Error::success();
  }

  llvm::Expected<ExploreResult> exploreWithProgress(const Console& console) {
    const bool unlimited = options.runs == kUnlimited;
    Progress progress(console, "exploring", unlimited ? 0 : options.runs);
    options.progress = [&](const ExploreProgress& now) {
      progress.update(now.runsDone, unlimited ? now.runsDone : now.runsPlanned,
                      std::to_string(now.failures) + " failures");
    };
    return explore(options);
  }
};

}  // namespace

Action declareExplore(CLI::App& app, const Trailing& trailing) {
  auto command = std::make_shared<ExploreCommand>(trailing);
  command->app = &app;
  ExploreOptions& options = command->options;
  setUsage(app, "Usage: deadheat explore [OPTIONS] -- PROG ARGS");
  app.prefix_command();
  app.add_option("--strategy", options.strategy,
                 "how the next thread is chosen: random, pos, surw, pct (depth 3), pctN, dfs (all interleavings within "
                 "--bound), or portfolio, which takes turns")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--bound", options.bound, "dfs: most preemptions of a schedule")->type_name("N")->capture_default_str();
  app.add_option("--points", command->points,
                 "where threads may be switched: at what synchronises (sync), also at the accesses that --findings names "
                 "(sites), or at all accesses to memory (all)")
      ->check(CLI::IsMember({"sync", "sites", "all"}))
      ->capture_default_str();
  app.add_option("--findings", command->findings, "findings file of `deadheat check`, for --points=sites")
      ->type_name("FILE");
  app.add_option("--spurious", options.spurious, "most wake-ups of a run that nobody asked for, of waits for conditions")
      ->type_name("N")
      ->capture_default_str();
  command->runsOption = app.add_option("--runs", options.runs, "schedules to try")->type_name("N")->capture_default_str();
  app.add_option("--budget", command->budgetSeconds, "try schedules for so long instead")->type_name("SECONDS");
  app.add_option("--seed", options.seed, "what random choices start from")->type_name("N")->capture_default_str();
  app.add_option("-j,--jobs", options.jobs, "runs at a time (default: one a core)")->type_name("N");
  app.add_option("--shard", command->shard,
                 "make this part of the runs only, 1/N to N/N (default: as TEST_SHARD_INDEX and TEST_TOTAL_SHARDS or "
                 "Slurm's array variables say); `deadheat merge` puts the parts together")
      ->type_name("I/N");
  app.add_flag("--resume", options.resumes, "go on after the last run of an exploration with the same --output-dir");
  app.add_flag("--no-fork", command->executes, "execute the program for each run instead of forking it once it is loaded");
  app.add_flag("--stop-at-first", options.stopAtFirst, "stop when there is a failure");
  app.add_flag("--no-shrink", command->keepLong, "keep schedules as they were found");
  app.add_option("--expect-exit", options.expectedExit, "exit code of a run that is well")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--expect", options.expectedOutput, "file with what a run that is well prints to standard output")
      ->type_name("FILE");
  app.add_option("--time-limit", command->timeLimitSeconds, "longest one run may take")
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--max-steps", options.mostSteps, "decisions of a run; after these threads go on as they come")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--output-dir", options.outputDirectory, "where schedules are kept")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--runtime-options", options.runtimeOptions, "name=value pairs for the runtime, joined by colons")
      ->type_name("TEXT");
  command->output.declare(app);
  app.footer(kFooter);
  return [command] { return command->run(); };
}

}  // namespace deadheat
