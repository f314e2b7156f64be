#include "analyzers/checks/handle_fields.h"

#include <algorithm>

namespace deadheat {

void HandleFields::gather(const PathTable& paths, const Body& body) {
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps) {
      // A name that is no field is never asked for.
      if (std::holds_alternative<Join>(*step.what) || std::holds_alternative<Detach>(*step.what))
        ended.insert(paths.lastField(step.path));
      if (std::holds_alternative<Assign>(*step.what) && step.value.kind == Value::Kind::Object) {
        started.insert(paths.lastField(step.path));
        ended.insert(paths.lastField(step.value.path));
        moved.insert(paths.lastField(step.value.path));
      }
      if (step.call != Step::kNoCall && body.calls[step.call].spawn)
        started.insert(paths.lastField(body.calls[step.call].result));
    }
  }
}

HandleFields methodsAbout(const Program& program, const ThreadFact& thread) {
  const Tables& tables = program.tables();
  std::set<std::string_view> records;
  for (PathId handle : thread.handles) {
    const FieldName name = tables.paths.lastField(handle);
    if (name != FieldName{}) records.insert(tables.symbols.text(name.first));
  }
  HandleFields fields;
  for (const Body& body : program.bodies().functions)
    if (body.facts && records.contains(body.facts->record)) fields.gather(tables.paths, body);
  return fields;
}

namespace {

bool hasField(const Program& program, const ThreadFact& thread, const std::set<FieldName>& names) {
  return std::ranges::any_of(thread.handles, [&](PathId handle) {
    const FieldName name = program.tables().paths.lastField(handle);
    return name != FieldName{} && names.contains(name);
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
