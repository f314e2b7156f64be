// Witness: moments and traces told to people, one thread at a time.
#pragma once

#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// "main", "thread 'Logger::run'", "any thread calling 'Cache::get'".
std::string actorName(const Program& program, const Scope& scope, std::uint32_t actor);

std::string teamName(const Program& program, ContextId context);

/// The way of one thread to `moment`: where it was started, the calls, where each held lock was taken, then `last`.
WitnessThread witnessThread(const Program& program, const Scope* scope, std::uint32_t actor, const Moment& moment,
                            WitnessStep last);

/// The last step of a witness: an access or an acquisition.
WitnessStep accessStep(const Program& program, const AccessFact& fact);
WitnessStep acquireStep(const Program& program, const AcquireFact& fact);

/// The access as a place that a run can be steered to.
Site accessSite(const Program& program, const AccessFact& fact);

/// Names of the locks in a set, sorted: `'Cache::mu_'` unquoted. Passed once-flags are left out.
std::vector<std::string> lockNames(const Program& program, LocksetId locks);

/// "without a lock", "under 'a'", "under 'a' and 'b'", "under a shared hold of 'a'".
std::string heldText(const Program& program, LocksetId locks);

/// A name in single quotes.
std::string quoted(const std::string& name);

/// A lock or variable by its short name; an opaque one by what it hides.
std::string nameOf(const Program& program, PathId path);

}  // namespace deadheat
