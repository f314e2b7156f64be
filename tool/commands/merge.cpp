// `deadheat merge`: several explorations of one program as one.
#include <memory>

#include "tool/commands/explored.h"
#include "tool/explore/exploration_file.h"

namespace deadheat {
namespace {

constexpr char kFooter[] = R"(
Puts together what `deadheat explore` left in its output folder, in whatever order: each failure once, as it was found in the
earliest schedule. Exits as `explore` does.)";

struct MergeCommand {
  std::vector<std::string> files;
  std::string into;
  OutputOptions output;

  int run() const {
    Console console = output.console();
    auto delivery = Delivery::prepare(output, {"text"});
    if (!delivery) return fail(console, delivery.takeError());
    std::vector<ExplorationFile> parts;
    for (const std::string& file : files) {
      auto part = readExploration(file);
      if (!part) return fail(console, part.takeError());
      parts.push_back(std::move(*part));
    }
    auto merged = mergeExplorations(std::move(parts));
    if (!merged) return fail(console, merged.takeError());
    if (!into.empty())
      if (llvm::Error error = writeExploration(*merged, into)) return fail(console, std::move(error));
    return deliverExplored(*delivery, "merge", std::move(merged->result), console);
  }
};

}  // namespace

Action declareMerge(CLI::App& app, const Trailing&) {
  auto command = std::make_shared<MergeCommand>();
  setUsage(app, "Usage: deadheat merge [OPTIONS] EXPLORATION...");
  app.add_option("EXPLORATION", command->files, "exploration*.json in output folders of `explore`")->required();
  app.add_option("--into", command->into, "write the whole as such a file, too")->type_name("FILE");
  command->output.declare(app);
  app.footer(kFooter);
  return [command] { return command->run(); };
}

}  // namespace deadheat
