// `deadheat report`: findings files in another form, one or several as one.
#include "tool/report/report.h"

#include <iterator>
#include <memory>

#include "tool/commands/delivery.h"
#include "tool/report/findings_file.h"

namespace deadheat {
namespace {

/// Appends what `from` holds.
template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// Adds one file's report to those before; what it is a report of is the first one's.
void merge(Report& all, Report more) {
  if (all.command.empty()) all.command = more.command;
  append(all.findings, std::move(more.findings));
  append(all.notes, std::move(more.notes));
  append(all.analysis.failures, std::move(more.analysis.failures));
}

struct ReportCommand {
  std::vector<std::string> files;
  OutputOptions output;

  int run() const {
    Console console = output.console();
    auto delivery = Delivery::prepare(output, {"text"});
    if (!delivery) return fail(console, delivery.takeError());
    Report all;
    std::size_t unreadable = 0;
    for (const std::string& file : files) {
      auto report = readFindings(file);
      if (report) {
        merge(all, std::move(*report));
      } else {
        ++unreadable;
        fail(console, report.takeError());
      }
    }
    if (unreadable == files.size()) return toInt(ExitCode::ToolError);
    bool incomplete = !all.analysis.failures.empty();
    ExitCode code = delivery->deliver(std::move(all), incomplete ? Completeness::Incomplete : Completeness::Complete);
    return toInt(unreadable != 0 ? ExitCode::ToolError : code);
  }
};

}  // namespace

Action declareReport(CLI::App& app, const Trailing&) {
  auto command = std::make_shared<ReportCommand>();
  command->output.minConfidence = "low";
  app.add_option("FINDINGS", command->files, "findings files, made with --output=json:FILE")->required();
  command->output.declare(app);
  return [command] { return command->run(); };
}

}  // namespace deadheat
