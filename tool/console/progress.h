// Progress: how far a long step is. A bar that redraws itself on a terminal, a line every ten per cent otherwise, and
// nothing at all for steps that are over before anybody wonders.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

#include "tool/console/console.h"

namespace deadheat {

/// Reports on one step of known length. All methods may be called from several threads.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  /// Steps shorter than this say nothing.
  static constexpr std::chrono::milliseconds kPatience{1000};

  /// `label` says what is counted: "analysing", "running". Quiet consoles show nothing.
  Progress(const Console& console, std::string label, std::size_t total);
  /// Clears the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more is done. `detail` (a file name) is shown beside the bar.
  void advance(std::string_view detail = {});
  /// Sets both counts, for steps whose length changes on the way.
  void update(std::size_t done, std::size_t total, std::string_view detail = {});

 private:
  void show(std::string_view detail);
  void drawBar(std::string_view detail);
  void printLine();

  const Console& console_;
  const std::string label_;
  const bool terminal_;
  const Clock::time_point start_ = Clock::now();
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::size_t total_;
  Clock::time_point lastDraw_{};
  std::size_t lastTenth_ = 0;
  bool barShown_ = false;
};

/// "47 of 120 (39%), about 12 s left"; the last part only when `elapsed` says enough.
std::string progressText(std::size_t done, std::size_t total, std::chrono::milliseconds elapsed);

}  // namespace deadheat
