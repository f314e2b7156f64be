// `deadheat cache stats` and `deadheat cache gc`: looking after the cache by hand. Analyses do it once a day.
#include <memory>

#include "llvm/Support/FormatVariadic.h"
#include "tool/cache/upkeep.h"
#include "tool/commands/options.h"

namespace deadheat {
namespace {

constexpr char kFooter[] = R"(
Analyses take away once a day what was of no use for 30 days, and what is beyond 5 GB, the longest unused first. Both
commands, and removing the folder, are safe while analyses run.)";

std::string inWords(std::uint64_t bytes) {
  return bytes < 10 << 20 ? llvm::formatv("{0} KB", (bytes + 1023) >> 10).str()
                          : llvm::formatv("{0} MB", bytes >> 20).str();
}

struct CacheCommand {
  CacheArguments cache;
  std::uint64_t maxMegabytes = CacheLimits{}.bytes >> 20;
  std::uint64_t maxDays = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::days>(CacheLimits{}.age).count());
  CLI::App* statsWanted = nullptr;

  int run() const {
    const Console console;
    const std::string path = cache.path();
    if (path.empty()) return fail(console, llvm::createStringError("no cache: $HOME is not set; give --cache-dir"));
    auto folder = CacheFolder::open(path);
    if (!folder) return fail(console, folder.takeError());
    statsWanted->parsed() ? stats(*folder) : collect(*folder);
    return toInt(ExitCode::Clean);
  }

  static void stats(const CacheFolder& folder) {
    const CacheStats stats = cacheStats(folder);
    llvm::outs() << folder.path() << '\n';
    auto line = [](const char* what, const CacheCount& count) {
      llvm::outs() << llvm::formatv("{0,-9}{1,9} {2,10}\n", what, count.entries, inWords(count.bytes));
    };
    line("units", stats.units);
    line("facts", stats.facts);
    line("findings", stats.findings);
    line("total", stats.total());
    llvm::outs() << "longest unused: " << std::chrono::duration_cast<std::chrono::days>(stats.oldest).count()
                 << " days\n";
  }

  void collect(const CacheFolder& folder) const {
    const CacheCount gone =
        collectGarbage(folder, {.bytes = maxMegabytes << 20, .age = std::chrono::days(maxDays)});
    llvm::outs() << llvm::formatv("removed {0} entries, {1}; {2} left\n", gone.entries, inWords(gone.bytes),
                                  inWords(cacheStats(folder).total().bytes));
  }
};

}  // namespace

Action declareCache(CLI::App& app, const Trailing&) {
  auto command = std::make_shared<CacheCommand>();
  app.require_subcommand(1);
  app.footer(kFooter);
  command->statsWanted = app.add_subcommand("stats", "how much there is of what, and where");
  CLI::App* gc = app.add_subcommand("gc", "take away what was of no use for long");
  for (CLI::App* sub : {command->statsWanted, gc}) command->cache.declare(*sub);
  gc->add_option("--max-size", command->maxMegabytes, "keep no more than this, the longest unused go first")
      ->type_name("MB")
      ->capture_default_str();
  gc->add_option("--max-age", command->maxDays, "keep nothing that was of no use for so long")
      ->type_name("DAYS")
      ->capture_default_str();
  return [command] { return command->run(); };
}

}  // namespace deadheat
