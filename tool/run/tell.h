// What the tellers of the several hazards share; the inside of dynamic_findings.h.
#pragma once

#include <string>

#include "tool/run/dynamic_findings.h"
#include "tool/run/narrator.h"

namespace deadheat {

/// Fills what every dynamic finding has alike, from its witness and subjects.
void completeDynamic(Finding& finding);

/// The site of a witness thread's last step.
Site siteAt(const WitnessThread& thread, Site::Kind kind);

/// "main in 'Bank::transfer'".
std::string inFunction(const WitnessThread& thread);

/// A deadlock as `double-lock` (one thread and its own lock), `lock-order` (locks only) or `deadlock`.
DynamicFinding tellDeadlock(const RecordedDeadlock& deadlock, const Narrator& narrator);

/// How a run ended by a signal of its own: `assertion` if the program gave up, else `crash`.
DynamicFinding tellCrash(const RecordedCrash& crash, const Narrator& narrator);

/// `SIGSEGV (segmentation fault)`.
std::string signalName(int signal);

}  // namespace deadheat
