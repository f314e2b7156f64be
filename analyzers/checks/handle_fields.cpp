#include "analyzers/checks/handle_fields.h"

#include <algorithm>

namespace deadheat {

HandleFields::Name handleField(const PathTable& paths, PathId handle) {
  while (handle != PathId::Unknown && paths[handle].kind == PathNode::Kind::Element) handle = paths[handle].parent;
  if (handle == PathId::Unknown || paths[handle].kind != PathNode::Kind::Field) return {};
  return {paths[handle].record, paths[handle].name};
}

void HandleFields::gather(const PathTable& paths, const Body& body) {
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps) {
      // A name that is no field is never asked for.
      if (std::holds_alternative<Join>(*step.what) || std::holds_alternative<Detach>(*step.what))
        ended.insert(handleField(paths, step.path));
      if (std::holds_alternative<Assign>(*step.what) && step.value.kind == Value::Kind::Object) {
        started.insert(handleField(paths, step.path));
        ended.insert(handleField(paths, step.value.path));
        moved.insert(handleField(paths, step.value.path));
      }
      if (step.call != Step::kNoCall && body.calls[step.call].spawn)
        started.insert(handleField(paths, body.calls[step.call].result));
    }
  }
}

HandleFields methodsAbout(const Program& program, const ThreadFact& thread) {
  const Tables& tables = program.tables();
  std::set<std::string_view> records;
  for (PathId handle : thread.handles) {
    const HandleFields::Name name = handleField(tables.paths, handle);
    if (name != HandleFields::Name{}) records.insert(tables.symbols.text(name.first));
  }
  HandleFields fields;
  for (const Body& body : program.bodies().functions)
    if (body.facts && records.contains(body.facts->record)) fields.gather(tables.paths, body);
  return fields;
}

namespace {

bool hasField(const Program& program, const ThreadFact& thread, const std::set<HandleFields::Name>& names) {
  return std::ranges::any_of(thread.handles, [&](PathId handle) {
    const HandleFields::Name name = handleField(program.tables().paths, handle);
    return name != HandleFields::Name{} && names.contains(name);
  });
}

}  // namespace

bool movesOn(const Program& program, const ThreadFact& thread) {
  return hasField(program, thread, methodsAbout(program, thread).moved);
}

bool endsElsewhere(const Program& program, const ThreadFact& thread) {
  return hasField(program, thread, methodsAbout(program, thread).ended);
}

}  // namespace deadheat
