// Anchors: where the steps of a schedule and the sites of its plan are in the source, so that they can be found again in
// a program that was changed and built anew.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tool/confirm/plan.h"
#include "tool/symbols/recording.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {

/// The code of one deviation, or of a site.
struct Anchor {
  std::string file;      ///< Empty: no code, or of a library without line numbers.
  std::uint32_t line = 0;
  std::string function;
  std::string text;      ///< Of the line, without blanks around it and a comment at its end; empty: it could not be read.
  std::uint32_t rank = 0;  ///< Which of the line's operations it is, in order of address.
  auto operator<=>(const Anchor&) const = default;
};

/// One for each deviation of the recording's schedule. The trace tells which operations a line has. Cost: reads the source.
std::vector<Anchor> anchorsOf(const Recording& recording, Symbolizer& symbolizer);

/// One for each site of a plan: the line that its first code belongs to. Cost: reads the source.
std::vector<Anchor> siteAnchorsOf(std::size_t sites, const std::vector<PlannedRange>& ranges,
                                  const std::vector<PlannedModule>& modules, const Recording& recording,
                                  Symbolizer& symbolizer);

/// Deviations of a schedule in terms of the modules of `recordings`, runs of the new program that recorded their traces.
struct Reanchored {
  std::vector<PlannedDeviation> deviations;
  std::vector<std::string> lost;  ///< Places that are not there any more, each once: "queue.cpp:41 (Queue::pop)".
};
/// The place of an anchor is the line of the same function that reads the same, the nearest if there are several; else
/// its old line. Deviations without code stay, and so do those in modules (of `before`) that were not built anew.
Reanchored reanchor(const PlannedSchedule& schedule, const std::vector<PlannedModule>& before,
                    const std::vector<Anchor>& anchors, const std::vector<Recording>& recordings,
                    std::vector<PlannedModule>& modules, Symbolizer& symbolizer);

/// The code of a plan's sites in the new program, found as reanchor finds places; a site has all the code of its line.
struct ReanchoredSites {
  std::vector<PlannedRange> ranges;
  std::vector<std::string> lost;  ///< Places that are not there any more, each once.
};
ReanchoredSites reanchorSites(const std::vector<PlannedRange>& ranges, const std::vector<PlannedModule>& before,
                              const std::vector<Anchor>& anchors, const std::vector<Recording>& recordings,
                              std::vector<PlannedModule>& modules, Symbolizer& symbolizer);

}  // namespace deadheat
