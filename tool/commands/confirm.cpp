// `deadheat confirm`: findings of an earlier check, tried against a program.
#include "tool/confirm/confirm.h"

#include <memory>

#include "tool/commands/delivery.h"
#include "tool/commands/steering.h"
#include "tool/report/findings_file.h"

namespace deadheat {
namespace {

struct ConfirmCommand {
  std::string file;
  unsigned jobs = 0;
  OutputOptions output;
  SteeringOptions steering;
  const Trailing& trailing;

  explicit ConfirmCommand(const Trailing& trailing) : trailing(trailing) {}

  int run() const {
    Console console = output.console();
    if (trailing.words.empty())
      return fail(console, usageError("no program to run: `deadheat confirm FINDINGS -- PROG ARGS`"));
    auto delivery = Delivery::prepare(output, {"text"});
    if (!delivery) return fail(console, delivery.takeError());
    auto report = readFindings(file);
    if (!report) return fail(console, report.takeError());
    auto result = steer(std::move(report->findings), trailing.words, jobs, steering, console);
    if (!result) return fail(console, result.takeError());
    return deliver(*delivery, std::move(*report), std::move(*result), console);
  }

  int deliver(const Delivery& delivery, Report report, ConfirmResult result, const Console& console) const {
    for (const std::string& note : result.notes) console.warning(note);
    report.command = "confirm";
    report.findings = std::move(result.findings);
    report.notes.insert(report.notes.end(), result.notes.begin(), result.notes.end());
    bool incomplete = result.incomplete || !report.analysis.failures.empty();
    return toInt(delivery.deliver(std::move(report), incomplete ? Completeness::Incomplete : Completeness::Complete));
  }
};

}  // namespace

Action declareConfirm(CLI::App& app, const Trailing& trailing) {
  auto command = std::make_shared<ConfirmCommand>(trailing);
  command->output.minConfidence = "low";
  setUsage(app, "Usage: deadheat confirm [OPTIONS] FINDINGS -- PROG ARGS");
  app.add_option("FINDINGS", command->file, "findings file, made with `deadheat check --output=json:FILE`")->required();
  app.add_option("-j,--jobs", command->jobs, "runs at a time (default: one a core)")->type_name("N");
  command->steering.declare(app);
  command->output.declare(app);
  app.footer("\nPROG must be built with `deadheat cc` or `deadheat c++` and -g.");
  return [command] { return command->run(); };
}

}  // namespace deadheat
