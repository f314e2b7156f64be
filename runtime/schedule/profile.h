// How often each thread of a controlled run does something with each object: what SURW goes by in later runs.
#pragma once

#include "runtime/schedule/event.h"

namespace deadheat::rt {

/// Makes room in the recording. From then on countOperation counts, as long as there is room.
void beginProfile();
/// Costs one look into a table, if there is a profile.
void countOperation(const Event& event, ThreadId parent);

}  // namespace deadheat::rt
