// A finding about one place: most hazards that are not a matter of two threads at the same memory.
#pragma once

#include <string>
#include <string_view>

#include "analyzers/checks/witness.h"
#include "analyzers/link/function_view.h"

namespace deadheat {

/// The circumstances of a step of `view`.
Moment momentAt(const FunctionView& view, const StepView& step);

/// A finding of `check` at `moment`, with subject `subject` (may be empty). `does` is the last step of its witness, a
/// clause such as "waits for 'Queue::ready_'". Confidence and hint are left to the caller.
Finding findingAt(const Program& program, std::string_view check, const Moment& moment, const std::string& subject,
                  std::string does);

/// A further thread, or another place of the same one, that belongs to the hazard: appended to the witness.
void addPlace(const Program& program, Finding& finding, const Moment& moment, std::string does,
              std::string thread = {});

/// Sets confidence and why.
void rate(Finding& finding, Confidence confidence, std::string reason);

}  // namespace deadheat
