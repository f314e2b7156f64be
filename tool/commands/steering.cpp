#include "tool/commands/steering.h"

#include "tool/console/progress.h"

namespace deadheat {
namespace {

std::chrono::milliseconds millis(double seconds) {
  return std::chrono::milliseconds(static_cast<long long>(seconds * 1000));
}

}  // namespace

void SteeringOptions::declare(CLI::App& app) {
  app.add_option("--attempts", attempts, "most steered runs a finding")->type_name("N")->capture_default_str();
  app.add_option("--attempt-limit", attemptLimitSeconds, "longest a steered run may take (default: from the free run)")
      ->type_name("SECONDS");
  app.add_option("--free-run-limit", freeRunLimitSeconds, "longest the free run before may take")
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--budget", budgetSeconds, "for all steered runs together; 0 is no limit")
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_flag("--no-control", holdsOnly, "hold threads in free runs only, without the controlled scheduler");
  app.add_option("--hold", holdMillis, "longest a thread is held in one go, in free runs")->type_name("MS")->capture_default_str();
  app.add_option("--seed", seed, "what random choices start from")->type_name("N")->capture_default_str();
  app.add_option("--output-dir", outputDirectory, "where recordings and reports are kept")
      ->type_name("DIR")
      ->capture_default_str();
}

llvm::Expected<ConfirmResult> steer(std::vector<Finding> findings, const std::vector<std::string>& command,
                                    unsigned jobs, const SteeringOptions& options, const Console& console) {
  Progress progress(console, "running", findings.size() * options.attempts + 1);
  ConfirmOptions confirm;
  confirm.command = command;
  confirm.jobs = jobs;
  confirm.attempts = options.attempts;
  confirm.attemptLimit = millis(options.attemptLimitSeconds);
  confirm.freeRunLimit = millis(options.freeRunLimitSeconds);
  confirm.budget = millis(options.budgetSeconds);
  confirm.controls = !options.holdsOnly;
  confirm.holdMillis = options.holdMillis;
  confirm.seed = options.seed;
  confirm.outputDirectory = options.outputDirectory;
  confirm.progress = [&](const ConfirmProgress& now) {
    progress.update(now.runsDone, now.runsPlanned, std::to_string(now.confirmed) + " confirmed");
  };
  return confirmFindings(std::move(findings), confirm);
}

}  // namespace deadheat
