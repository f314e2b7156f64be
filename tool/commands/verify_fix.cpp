// `deadheat verify-fix`: a schedule that failed, and what is near it, in the program that was mended.
#include "tool/explore/verify_fix.h"

#include <memory>

#include "tool/commands/delivery.h"
#include "tool/commands/stored_schedule_command.h"

namespace deadheat {
namespace {

constexpr char kFooter[] = R"(
PROG is the program of the schedule, changed and built anew with `deadheat cc` or `deadheat c++`. Finds the steps of the old
interleaving again (by function, line and how often the thread came there), runs it, the schedules next to it, and further
ones.

Exits with 0 if nothing fails as before, 2 if something does, 3 if the old interleaving cannot be applied to the new program
and nothing failed, 1 if the program could not be run.)";

struct VerifyCommand : StoredScheduleCommand<VerifyOptions> {
  using StoredScheduleCommand::StoredScheduleCommand;

  int run() {
    Console console = begin();
    if (options.command.empty())
      return fail(console, usageError("no program to run: `deadheat verify-fix ID -- PROG ARGS`"));
    auto result = verifyFix(options);
    if (!result) return fail(console, result.takeError());
    return conclude(*result, console);
  }

  static std::string count(std::size_t number, const std::string& what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
  }

  /// "the old interleaving no longer fails; 12 neighbours and 300 further schedules neither".
  static std::string verdict(const VerifyResult& result) {
    const std::string around =
        count(result.neighbours, "neighbour") + " and " + count(result.explored, "further schedule");
    if (result.oldFails) return "not fixed: the old interleaving still fails";
    if (result.failed())
      return "not fixed: the old interleaving no longer fails, but " + std::to_string(result.neighboursFailing) + " of " +
             count(result.neighbours, "neighbour") + " and " + std::to_string(result.exploredFailing) + " of " +
             count(result.explored, "further schedule") + " do";
    if (result.couldApply()) return "the old interleaving no longer fails; " + around + " neither";
    return "the old interleaving can no longer be applied as it was; what is left of it does not fail, " + around + " neither";
  }

  static int conclude(const VerifyResult& result, const Console& console) {
    console.info("was: " + result.stored.message);
    if (result.sameProgram) console.warning("this is the very build that failed");
    for (const std::string& place : result.lost) console.info("not in the program any more: " + place);
    for (const std::string& place : result.lostSites)
      console.info("not in the program any more, a place of the finding: " + place);
    for (const std::string& other : result.others) console.warning("another failure: " + other);
    console.info(verdict(result));
    if (result.failed()) return toInt(ExitCode::Findings);
    if (result.cannotTell())
      console.warning("what failed left the program well, and is seen only by the places of its finding: ask `deadheat hunt`");
    return toInt(result.couldApply() && !result.cannotTell() ? ExitCode::Clean : ExitCode::Incomplete);
  }
};

}  // namespace

Action declareVerifyFix(CLI::App& app, const Trailing& trailing) {
  auto command = std::make_shared<VerifyCommand>(trailing);
  VerifyOptions& options = command->options;
  setUsage(app, "Usage: deadheat verify-fix [OPTIONS] ID -- PROG ARGS");
  command->declare(app);
  app.add_option("--neighbours", options.neighbours, "most schedules near the old one")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--runs", options.explored, "further schedules to try")->type_name("N")->capture_default_str();
  app.add_option("--seed", options.seed, "what random choices start from")->type_name("N")->capture_default_str();
  app.footer(kFooter);
  return [command] { return command->run(); };
}

}  // namespace deadheat
