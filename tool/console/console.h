// Console: everything the tool says on stderr. Findings never go through here.
#pragma once

#include <string_view>

#include "tool/console/style.h"

namespace deadheat {

enum class Verbosity : std::uint8_t { Quiet, Normal };

/// Writes whole lines to stderr. Safe to use from several threads: every line is one write.
class Console {
 public:
  explicit Console(Verbosity verbosity = Verbosity::Normal, ColorWhen color = ColorWhen::Auto);

  /// Something failed: `deadheat: error: …`. Shown even when quiet.
  void error(std::string_view message) const;
  /// Something the user should know: `deadheat: warning: …`. Shown even when quiet.
  void warning(std::string_view message) const;
  /// What was done: `deadheat: …`. Not shown when quiet.
  void info(std::string_view message) const;

  bool quiet() const { return verbosity_ == Verbosity::Quiet; }
  bool colored() const { return colored_; }

 private:
  void line(Tone tone, std::string_view kind, std::string_view message) const;

  Verbosity verbosity_;
  bool colored_;
};

}  // namespace deadheat
