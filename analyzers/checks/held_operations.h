// Operations under a lock: what a thread does besides, while others may wait for the lock it holds.
#pragma once

#include <functional>
#include <vector>

#include "analyzers/findings/finding.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// The locks that are held at `operation`, other than what only the language knows and, for a wait, its own.
std::vector<HeldLock> locksBeside(const Program& program, const OperationFact& operation);

/// For each place of an operation that `wanted` accepts and that is reached with a lock held: the shortest way there.
/// Those within one function come first.
std::vector<OperationFact> operationsUnderLocks(const Program& program,
                                                const std::function<bool(const OperationFact&)>& wanted);

/// A finding about the operation: everything but check, message, confidence and hint. `done` is its witness's last step.
Finding operationFinding(const Program& program, const OperationFact& operation, WitnessStep::Kind kind,
                         const std::string& done);

/// "'a'", "'a' and 'b'".
std::string listed(const Program& program, const std::vector<HeldLock>& locks);

}  // namespace deadheat
