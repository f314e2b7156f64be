// Options that several subcommands share, each group declared in one way.
#pragma once

#include <string>
#include <vector>

#include "llvm/Support/Error.h"
#include "tool/cache/cache_folder.h"
#include "tool/commands/command.h"
#include "tool/console/console.h"
#include "tool/pipeline/analysis.h"
#include "tool/report/format.h"

namespace deadheat {

/// `--output`, `--min-confidence`, `--fail-on`, `-q`, `--color`, `--root`: how findings leave.
struct OutputOptions {
  std::vector<std::string> outputs;
  std::string minConfidence = "medium";
  std::string failOn = "medium";
  std::string color = "auto";
  std::string root;
  bool quiet = false;
  CLI::Option* minConfidenceOption = nullptr;
  CLI::Option* failOnOption = nullptr;

  /// What the command line does not say is as the project's configuration has it.
  void complete(const Configuration& configuration);

  /// All but `--fail-on`, for subcommands whose exit code is not about findings alone.
  void declareShowing(CLI::App& app);
  void declare(CLI::App& app);
  ColorWhen colorWhen() const;
  Console console() const;
  /// Absolute; the current folder if not given.
  std::string rootFolder() const;
};

/// `--cache-dir`, `--no-cache`: where facts are kept.
struct CacheArguments {
  std::string folder;
  bool none = false;

  void declare(CLI::App& app);
  /// The folder; empty for none.
  std::string path() const { return none ? std::string() : cachePath(folder); }
};

/// `-p`, PATH, `-j`, `--checks`, `--models`, limits and cache: what is analysed and with what.
struct AnalysisArguments {
  std::string database;
  std::vector<std::string> paths;
  std::vector<std::string> checks;
  std::vector<std::string> models;
  std::string config;
  bool noConfig = false;
  unsigned jobs = 0;
  double unitSeconds = JobLimits{}.seconds;
  std::uint64_t unitMegabytes = JobLimits{}.memoryBytes >> 20;
  CacheArguments cache;

  void declare(CLI::App& app, const std::string& pathHelp);
  /// The project's configuration: of --config, or the nearest. Errors name file, line and column.
  llvm::Expected<Configuration> configuration() const;
  /// Errors of one line: unknown checks, paths that do not exist, a wrong configuration.
  llvm::Expected<AnalysisOptions> toOptions() const;
};

/// Replaces the usage line that CLI11 makes, which does not know what follows `--`.
void setUsage(CLI::App& app, const std::string& usage);

/// An error about how the tool was called.
llvm::Error usageError(const std::string& message);

/// Says `error` on stderr, a line a message, and returns the exit code: 64 for usage errors, else 1.
int fail(const Console& console, llvm::Error error);

}  // namespace deadheat
