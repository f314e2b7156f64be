// Hazards: what the C library does not promise of a function. Which of them share hidden state with other calls, in
// which versions of which library; which may be called in a signal handler, and why not.
//
// Data as the rest of the models: the list `hazards` of a model file, documented in docs/models.md.
#pragma once

#include <string>
#include <vector>

#include "analyzers/facts/event.h"

namespace deadheat {

/// A C library and its version, as far as the translation unit tells: `glibc` 2.36, `musl` 0.0.
struct Libc {
  std::string name;
  unsigned major = 0;
  unsigned minor = 0;
  auto operator<=>(const Libc&) const = default;
};

/// What is not promised of the function `name`.
struct HazardModel {
  static constexpr int kAlways = -1;

  std::string name;
  std::vector<std::string> states;        ///< Hidden state it shares, as people call it.
  AccessKind access = AccessKind::Write;  ///< Of the states.
  std::vector<Libc> safe;                 ///< Libraries, from that version on, where the states are not shared.
  int ifNull = kAlways;                   ///< The states are used only if this argument is null or left out.
  std::string instead;
  LibraryCall::InSignal inSignal = LibraryCall::InSignal::Unlisted;
  std::string because;  ///< Why it is not for signal handlers.

  bool isSafeIn(const Libc& libc) const;
  /// Adds what `other` says of the same function.
  void add(const HazardModel& other);
};

}  // namespace deadheat
