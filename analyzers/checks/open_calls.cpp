#include "analyzers/checks/open_calls.h"

#include <algorithm>

namespace deadheat {

bool OpenCalls::leadTo(TraceId trace, Callee::Kind kind) {
  const Traces& traces = program_.tables().traces;
  for (TraceId t = trace; t != TraceId::Here; t = traces[t].rest)
    if (isOpen(traces[t].function, traces[t].callee, kind)) return true;
  return false;
}

/// Whether `caller` comes to `callee` by such calls only, which may come to other functions too.
bool OpenCalls::isOpen(FunctionIndex caller, FunctionIndex callee, Callee::Kind kind) {
  if (caller == FunctionIndex::None || callee == FunctionIndex::None) return false;
  auto [slot, fresh] = known_.try_emplace({caller, callee, kind}, false);
  if (!fresh) return slot->second;
  bool open = false;
  for (const CallSite& call : program_.bodies()[caller].calls) {
    if (std::ranges::find(call.targets, callee) == call.targets.end()) continue;
    if (call.kind != kind || call.targets.size() < 2) return false;
    open = true;
  }
  return slot->second = open;
}

/// The class whose constructor makes the local; empty if none is seen, or several.
std::string_view OpenCalls::classOfLocal(PathId local) {
  auto [slot, fresh] = classes_.try_emplace(local);
  if (!fresh) return slot->second;
  const FunctionIndex owner = program_.tables().paths[local].owner;
  if (owner == FunctionIndex::None) return {};
  std::string_view found;
  for (const CallSite& call : program_.bodies()[owner].calls) {
    if (!call.receiver || call.receiver->path != local || call.targets.size() != 1) continue;
    const Function& target = program_.function(call.targets.front());
    if (target.kind != Function::Kind::Constructor) continue;
    if (!found.empty() && found != target.record) return {};
    found = target.record;
  }
  return slot->second = found;
}

bool OpenCalls::isOrDerives(std::string_view record, std::string_view base) const {
  if (record == base) return true;
  const Record* known = program_.record(record);
  return !known || std::ranges::any_of(known->bases, [&](const std::string& b) { return isOrDerives(b, base); });
}

bool OpenCalls::mistakeClass(const AccessFact& access) {
  const PathTable& paths = program_.tables().paths;
  if (paths.storage(access.path) != Storage::Local || !leadTo(access)) return false;
  const std::vector<PathId> way = paths.prefixes(access.path);
  if (way.size() < 2 || paths[way[1]].kind != PathNode::Kind::Field) return false;
  const std::string_view made = classOfLocal(way[0]);
  const std::string_view member = program_.tables().symbols.text(paths[way[1]].record);
  return !made.empty() && !member.empty() && program_.record(member) && !isOrDerives(made, member);
}

}  // namespace deadheat
