// Handler reach: what a signal handler, and everything it calls, does that it must not do.
#pragma once

#include <string>
#include <vector>

#include "analyzers/checks/place_finding.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// Something that is not safe in a signal handler.
struct HandlerHazard {
  std::string what;     ///< A clause: "calls 'printf'", "takes 'g_mu'".
  std::string because;  ///< "it locks ..."; empty: no promise is made.
  bool known = false;   ///< Known to do harm, not only not promised to do none.
  bool certain = true;  ///< Reached by calls whose targets are certain.
  std::vector<WitnessStep> way;  ///< The calls from the handler and the deed itself.
};

/// One statement of a handler that leads to hazards, known ones first.
struct HandlerCall {
  Location location;
  std::vector<HandlerHazard> hazards;
};

/// A signal handler and where it is installed.
struct Handler {
  bool isForFaults() const { return signals == SignalSource::Fault; }

  FunctionIndex function = FunctionIndex::None;
  Location installed;
  FunctionIndex installer = FunctionIndex::None;
  SignalSource signals = SignalSource::Fault;  ///< Fault: wherever it is installed, it is for faults only.
};

/// The handlers that the program installs, each once, by function.
std::vector<Handler> handlersOf(const Program& program);

/// What `handler` does that it must not, by statement. Bounded: at most kMaxReached functions are looked into.
std::vector<HandlerCall> hazardsOf(const Program& program, const Handler& handler);

/// The functions that run in `handler`, itself included.
std::vector<FunctionIndex> reachedFrom(const Program& program, FunctionIndex handler);

inline constexpr std::size_t kMaxReached = 400;

}  // namespace deadheat
