#include "tool/commands/options.h"

#include <memory>

#include "llvm/ADT/StringSwitch.h"

namespace deadheat {
namespace {

std::string outputHelp() {
  std::string help = "where findings go, repeatable; FILE `-` or none is stdout. Formats:";
  for (const Format& format : allFormats())
    help += "\n  " + std::string(format.name) + ": " + std::string(format.summary);
  return help;
}

/// CLI11's formatter with a usage line of our own.
class UsageFormatter : public CLI::Formatter {
 public:
  explicit UsageFormatter(std::string usage) : usage_(std::move(usage)) {}
  std::string make_usage(const CLI::App*, std::string) const override { return usage_ + "\n"; }

 private:
  std::string usage_;
};

}  // namespace

void setUsage(CLI::App& app, const std::string& usage) { app.formatter(std::make_shared<UsageFormatter>(usage)); }

void OutputOptions::declareShowing(CLI::App& app) {
  app.add_option("--output", outputs, outputHelp())->type_name("FMT[:FILE]")->take_all()->expected(1)->allow_extra_args(false);
  minConfidenceOption =
      app.add_option("--min-confidence", minConfidence, "show findings of this confidence and above; confirmed ones always")
      ->check(CLI::IsMember({"high", "medium", "low"}))
      ->capture_default_str();
  app.add_option("--root", root, "folder that shown paths are relative to (default: the current one)")
      ->type_name("DIR");
  app.add_option("--color", color, "colours on a terminal; auto heeds NO_COLOR")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app.add_flag("-q,--quiet", quiet, "findings, warnings and errors only");
}

void OutputOptions::declare(CLI::App& app) {
  declareShowing(app);
  failOnOption =
      app.add_option("--fail-on", failOn, "exit with 2 if there is a finding at or above this")
      ->check(CLI::IsMember({"confirmed", "high", "medium", "low", "any", "never"}))
      ->capture_default_str();
}

void OutputOptions::complete(const Configuration& configuration) {
  auto take = [](const CLI::Option* option, std::string& value, const Name& configured) {
    if (!configured.text.empty() && option && option->count() == 0) value = configured.text;
  };
  take(minConfidenceOption, minConfidence, configuration.minConfidence);
  take(failOnOption, failOn, configuration.failOn);
}

ColorWhen OutputOptions::colorWhen() const {
  return llvm::StringSwitch<ColorWhen>(color)
      .Case("always", ColorWhen::Always)
      .Case("never", ColorWhen::Never)
      .Default(ColorWhen::Auto);
}

Console OutputOptions::console() const { return Console(quiet ? Verbosity::Quiet : Verbosity::Normal, colorWhen()); }

std::string OutputOptions::rootFolder() const { return absolutePath(root.empty() ? "." : root); }

void CacheArguments::declare(CLI::App& app) {
  app.add_option("--cache-dir", folder,
                 "where facts are kept between runs (default: $DEADHEAT_CACHE, else deadheat in $XDG_CACHE_HOME or "
                 "~/.cache); runs may share it at the same time")
      ->type_name("DIR");
}

void AnalysisArguments::declare(CLI::App& app, const std::string& pathHelp) {
  app.add_option("-p", database,
                 "folder with compile_commands.json, or the file (default: looked for here, in build/ "
                 "and above)")
      ->type_name("BUILD");
  app.add_option("PATH", paths, pathHelp);
  app.add_option("-j,--jobs", jobs, "threads or processes at a time (default: one a core)")->type_name("N");
  app.add_option("--unit-timeout", unitSeconds,
                 "processor time after which a translation unit is cut off and reported as failed; ten times that on "
                 "the clock")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--unit-memory", unitMegabytes, "memory beyond which a translation unit is cut off in the same way")
      ->type_name("MB")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  cache.declare(app);
  app.add_flag("--no-cache", cache.none, "extract everything again and keep nothing");
  app.add_option("--checks", checks, "comma-separated globs, `-` in front takes out; later ones win: '*,-lock-order'")
      ->type_name("GLOBS")
      ->take_all()
      ->expected(1)
      ->allow_extra_args(false);
  app.add_option("--config", config, "configuration (default: .deadheat.yaml here or above)")->type_name("FILE");
  app.add_flag("--no-config", noConfig, "read no configuration");
  app.add_option("--models", models, "file that says what your library's functions mean; repeatable")
      ->type_name("FILE")
      ->take_all()
      ->expected(1)
      ->allow_extra_args(false);
}

llvm::Expected<Configuration> AnalysisArguments::configuration() const {
  if (noConfig) return Configuration{};
  return Configuration::find(config, absolutePath("."));
}

llvm::Expected<AnalysisOptions> AnalysisArguments::toOptions() const {
  auto configured = configuration();
  if (!configured) return configured.takeError();
  std::vector<std::string> lists = checks;
  if (lists.empty())
    for (const Name& check : configured->checks) lists.push_back(check.text);
  auto selection = CheckSelection::parse(lists);
  if (!selection) return usageError(llvm::toString(selection.takeError()));
  auto filter = PathFilter::create(paths);
  if (!filter) return filter.takeError();
  auto excluded = configured->excluded();
  if (!excluded) return excluded.takeError();
  filter->leaveOut(std::move(*excluded));
  const JobLimits limits{.workers = jobs, .seconds = unitSeconds, .memoryBytes = unitMegabytes << 20};
  return AnalysisOptions{database, std::move(*filter),      std::move(*selection), limits,
                         models,   std::move(*configured), cache.path()};
}

llvm::Error usageError(const std::string& message) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

int fail(const Console& console, llvm::Error error) {
  ExitCode code = ExitCode::ToolError;
  llvm::handleAllErrors(std::move(error), [&](const llvm::ErrorInfoBase& info) {
    if (info.convertToErrorCode() == std::errc::invalid_argument) code = ExitCode::Usage;
    console.error(info.message());
  });
  return toInt(code);
}

}  // namespace deadheat
