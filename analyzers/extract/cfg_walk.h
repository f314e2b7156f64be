// Clang's control-flow graph of one function -> blocks of events.
#pragma once

#include "analyzers/extract/tu_context.h"

namespace deadheat {

/// Fills `blocks` and `exit` of `out` from the body of `function`. False if Clang can make no graph of it.
bool walkFunction(TuContext& tu, const clang::FunctionDecl* function, Function& out);

}  // namespace deadheat
