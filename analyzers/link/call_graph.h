// Call graph: which bodies each call and spawn may reach, and an order in which callees come before callers.
//
// Direct calls are given. Virtual calls reach the named method and everything that overrides it. Indirect calls reach
// what flows into their target: a field-based inclusion analysis of function values (one cell a field, global, local
// or parameter, whatever the instance). A target that nothing flows into is matched by signature among functions
// whose address is taken, if few fit; such calls are marked guessed.
#pragma once

#include <vector>

#include "analyzers/link/body.h"

namespace deadheat {

/// Fills CallSite::targets, callables and guessed of every call. Near linear.
void resolveCalls(Bodies& bodies, Tables& tables);

/// The call graph's strongly connected components, callees first. A function that is only mentioned (passed as a
/// callback) counts as called, so that its summary exists where the callback is run.
struct CallOrder {
  std::vector<std::vector<FunctionIndex>> components;
  std::vector<bool> recursive;                      ///< Per component.
  std::vector<std::vector<FunctionIndex>> callers;  ///< Per function: who may call or spawn it; sorted.
};
CallOrder orderCalls(const Bodies& bodies);

}  // namespace deadheat
