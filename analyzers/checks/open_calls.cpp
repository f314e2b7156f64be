#include "analyzers/checks/open_calls.h"

#include <algorithm>

namespace deadheat {

bool OpenCalls::leadTo(const AccessFact& access) {
  const Traces& traces = program_.tables().traces;
  for (TraceId t = access.trace; t != TraceId::Here; t = traces[t].rest)
    if (isOpen(traces[t].function, traces[t].callee)) return true;
  return false;
}

/// Whether `caller` comes to `callee` by virtual calls only, which may come to other methods too.
bool OpenCalls::isOpen(FunctionIndex caller, FunctionIndex callee) {
  if (caller == FunctionIndex::None || callee == FunctionIndex::None) return false;
  auto [slot, fresh] = known_.try_emplace({caller, callee}, false);
  if (!fresh) return slot->second;
  bool open = false;
  for (const CallSite& call : program_.bodies()[caller].calls) {
    if (std::ranges::find(call.targets, callee) == call.targets.end()) continue;
    if (call.kind != Callee::Kind::Virtual || call.targets.size() < 2) return false;
    open = true;
  }
  return slot->second = open;
}

}  // namespace deadheat
