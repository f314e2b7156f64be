// What makes two runs of deadheat give the same for the same sources.
#pragma once

#include "analyzers/facts/digest.h"
#include "analyzers/models/models.h"

namespace deadheat {

/// Stands for this program as built and the Clang it runs with. Any rebuild of deadheat is another one.
Digest toolIdentity();

/// The same, and the models.
Digest extractionIdentity(const ModelSet& models);

}  // namespace deadheat
