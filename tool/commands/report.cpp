// `deadheat report`: a findings file in another form.
#include "tool/report/report.h"

#include <memory>

#include "tool/commands/delivery.h"
#include "tool/report/findings_file.h"

namespace deadheat {
namespace {

struct ReportCommand {
  std::string file;
  OutputOptions output;

  int run() const {
    Console console = output.console();
    auto delivery = Delivery::prepare(output, {"text"});
    if (!delivery) return fail(console, delivery.takeError());
    auto report = readFindings(file);
    if (!report) return fail(console, report.takeError());
    bool incomplete = !report->analysis.failures.empty();
    return toInt(
        delivery->deliver(std::move(*report), incomplete ? Completeness::Incomplete : Completeness::Complete, file));
  }
};

}  // namespace

Action declareReport(CLI::App& app, const Trailing&) {
  auto command = std::make_shared<ReportCommand>();
  command->output.minConfidence = "low";
  app.add_option("FINDINGS", command->file, "findings file, made with --output=json:FILE")->required();
  command->output.declare(app);
  return [command] { return command->run(); };
}

}  // namespace deadheat
