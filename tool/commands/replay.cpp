// `deadheat replay`: a schedule that explore found, again.
#include "tool/explore/replay.h"

#include <memory>

#include "llvm/Support/raw_ostream.h"
#include "tool/commands/delivery.h"
#include "tool/commands/stored_schedule_command.h"

namespace deadheat {
namespace {

constexpr char kFooter[] = R"(
Runs the program of a schedule that explore, hunt or confirm kept (or PROG ARGS) step for step as it ran then, and reports what it
shows. A run that takes another step than the recorded one is stopped there, and the step is named.

Exits with 2 if the failure showed every time, 3 if it did not, 1 if the program could not be run or is another build.)";

struct ReplayCommand : StoredScheduleCommand<ReplayOptions> {
  using StoredScheduleCommand::StoredScheduleCommand;
  bool inGdb = false;

  int run() {
    Console console = begin();
    auto delivery = Delivery::prepare(output, {"text"});
    if (!delivery) return fail(console, delivery.takeError());
    if (inGdb) {
      auto code = replayInGdb(options);
      return code ? *code : fail(console, code.takeError());
    }
    auto result = replay(options);
    if (!result) return fail(console, result.takeError());
    return deliver(*delivery, std::move(*result), console);
  }

  int deliver(const Delivery& delivery, ReplayResult result, const Console& console) const {
    for (const std::string& note : result.notes) console.warning(note);
    if (!result.stored.story.empty()) console.info("the interleaving:");
    for (const std::string& line : result.stored.story) console.info("  " + line);
    Report report;
    report.command = "replay";
    report.findings = std::move(result.findings);
    report.notes = result.notes;
    ExitCode code = delivery.deliver(std::move(report), Completeness::Complete);
    if (code == ExitCode::ToolError) return toInt(code);
    console.info("reproduced " + std::to_string(result.reproduced) + " of " + std::to_string(result.runs) + " times");
    return toInt(result.reproduced == result.runs ? ExitCode::Findings : ExitCode::Incomplete);
  }
};

}  // namespace

Action declareReplay(CLI::App& app, const Trailing& trailing) {
  auto command = std::make_shared<ReplayCommand>(trailing);
  setUsage(app, "Usage: deadheat replay [OPTIONS] ID [-- PROG ARGS]");
  command->declare(app);
  app.add_flag("--gdb", command->inGdb, "run it in gdb, which stops where it fails, the schedule held");
  app.add_option("--times", command->options.times, "how often")->type_name("N")->capture_default_str();
  app.footer(kFooter);
  return [command] { return command->run(); };
}

}  // namespace deadheat
