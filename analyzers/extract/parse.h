// Runs Clang's front end over one translation unit and hands the result to collect.h. Called by extract.cpp on a thread
// of its own.
#pragma once

#include "analyzers/extract/extract.h"

namespace deadheat {

/// Parses the main file of `command` and fills `result`. Problems become diagnostics of the facts.
void parseAndCollect(const CompileCommand& command, const ModelSet& models, const ExtractOptions& options,
                     Extraction& result);

}  // namespace deadheat
