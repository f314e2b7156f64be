// Causes: one bug, one finding. Several checks may come upon the same bug, each by its own way: a flag that a thread
// spins on is a plain-flag-sync and also a data-race. The check that tells more keeps it, with the evidence of both.
#pragma once

#include <vector>

#include "analyzers/findings/finding.h"

namespace deadheat {

/// `findings` without those that another one tells better: it is of a check that `absorbs` theirs, names one of their
/// subjects, and has one of its places on the line of one of theirs. Whoever absorbs takes over sites and witness
/// where they are surer than its own, so that a run can confirm it as it would have confirmed the other. Keeps the
/// order. Linear in the findings, but for those of one subject, which are compared with each other.
std::vector<Finding> oneForEachCause(std::vector<Finding> findings);

}  // namespace deadheat
