// Aliases across calls: what each function stores into memory its caller can name, and what it returns.
//
// A first bottom-up pass, before the one that looks at locks and threads: that one needs to know what a field was
// bound to by constructors it has not yet seen.
#pragma once

#include <vector>

#include "analyzers/link/call_graph.h"
#include "analyzers/link/environment.h"
#include "analyzers/link/substitution.h"

namespace deadheat {

/// One function's effect on pointers, relative to its caller.
struct AliasSummary {
  std::vector<std::pair<PathId, LinkedValue>> stores;  ///< Unknown value: something that cannot be named.
  LinkedValue result;                                  ///< AddressOf or Object of a Returned root for fresh objects.
  bool returnsObject = false;                          ///< The result is a class object, not a pointer.
};

/// Environment of a function with the stores of its callees, and what becomes of its own objects. Pointers that others
/// know are not rewritten to objects of this frame: a name that others share wins over one that they do not.
struct FunctionAliases {
  Environment environment;
  std::vector<PathId> freshResults;
  /// Objects of this frame that memory known to others points to: the pointer, and the object it points to.
  std::vector<std::pair<PathId, PathId>> escapes;
  /// Fresh objects that the function returns a pointer to.
  std::vector<PathId> returned;
};

/// The aliases of the whole program.
struct Aliases {
  std::vector<AliasSummary> summaries;  ///< By FunctionIndex.
  ProgramBindings bindings;
};

Aliases findAliases(const Bodies& bodies, const CallOrder& order, Tables& tables);

/// Rebuilds one function's environment. `bindings` may be null.
FunctionAliases aliasesOf(const Bodies& bodies, FunctionIndex f, const std::vector<AliasSummary>& summaries,
                          const ProgramBindings* bindings, Tables& tables);

/// What `call` passes, normalised.
Actuals actualsOf(const CallSite& call, Environment& environment);

/// Whether a caller can name the path: rooted at this, a global, a pointee of a parameter, or the returned object.
bool isRelative(const PathTable& paths, PathId path);

/// The object a pointer value points to, if it belongs to the frame; else Unknown.
PathId frameObject(const LinkedValue& value, Tables& tables);

/// Blocks of a body in reverse post-order.
std::vector<std::uint32_t> reversePostOrder(const Body& body);

}  // namespace deadheat
