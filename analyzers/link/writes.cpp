#include "analyzers/link/writes.h"

namespace deadheat {
namespace {

/// A constructor that hands out its object while it still writes to it, or starts a thread.
bool sharesItsObject(const Body& body, const Bodies& bodies, const Tables& tables) {
  auto isThis = [&](const LinkedValue& v) {
    return v.path != PathId::Unknown && tables.paths.storage(v.path) == Storage::This && tables.paths.isRoot(v.path);
  };
  for (const CallSite& call : body.calls) {
    if (call.spawn) return true;
    const bool constructs = call.function != FunctionIndex::None &&
                            bodies[call.function].facts->kind == Function::Kind::Constructor;
    if (call.receiver && isThis(*call.receiver) && !constructs) return true;
    for (const LinkedValue& argument : call.arguments) {
      if (isThis(argument)) return true;
    }
  }
  return false;
}

}  // namespace

WrittenMemory::WrittenMemory(const Bodies& bodies, const Tables& tables) : tables_(tables) {
  for (const Body& body : bodies.functions) {
    const bool quiet = body.facts->kind == Function::Kind::GlobalInit ||
                       (body.facts->kind == Function::Kind::Constructor && !sharesItsObject(body, bodies, tables));
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        const auto* access = std::get_if<Access>(step.what);
        const bool own = quiet && step.path != PathId::Unknown &&
                         (tables.paths.storage(step.path) == Storage::This ||
                          body.facts->kind == Function::Kind::GlobalInit);
        if ((access && access->kind != AccessKind::Read && !own) || std::holds_alternative<Free>(*step.what)) {
          note(step.path);
          if (access && tables.paths[step.path].kind == PathNode::Kind::Deref) noteWhole(*access);
        }
      }
    }
    scan(body);
  }
}

/// Addresses handed to calls and stored elsewhere: whoever has them may write.
void WrittenMemory::scan(const Body& body) {
  auto noteValue = [&](const LinkedValue& v) {
    if (v.kind == Value::Kind::AddressOf) note(v.path);
  };
  for (const CallSite& call : body.calls) {
    for (const LinkedValue& argument : call.arguments) noteValue(argument);
  }
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps) noteValue(step.value);
  }
}

void WrittenMemory::note(PathId path) {
  while (path != PathId::Unknown) {
    const PathNode& node = tables_.paths[path];
    if (node.kind == PathNode::Kind::Field) {
      fields_.insert({raw(node.record), raw(node.name)});
      return;
    }
    if (node.kind == PathNode::Kind::Root) roots_.insert(path);
    if (node.kind == PathNode::Kind::Root || node.kind == PathNode::Kind::Deref) return;
    path = node.parent;
  }
}

/// Types are written as people do: `struct config`, `const ns::Config`; records by their qualified name.
void WrittenMemory::noteWhole(const Access& access) {
  std::string type = access.type;
  for (const char* prefix : {"const ", "volatile ", "struct ", "union ", "class "}) {
    if (type.starts_with(prefix)) type.erase(0, std::char_traits<char>::length(prefix));
  }
  wholes_.insert(type);
  if (auto colons = type.rfind("::"); colons != std::string::npos) wholes_.insert(type.substr(colons + 2));
}

bool WrittenMemory::isWrittenWhole(Symbol record) const {
  std::string_view name = tables_.symbols.text(record);
  if (auto colons = name.rfind("::"); colons != std::string_view::npos) name.remove_prefix(colons + 2);
  return name.empty() || wholes_.contains(std::string(name));
}

bool WrittenMemory::mayChange(PathId path) const {
  bool named = false;
  for (; path != PathId::Unknown; path = tables_.paths[path].parent) {
    const PathNode& node = tables_.paths[path];
    switch (node.kind) {
      case PathNode::Kind::Field:
        if (fields_.contains({raw(node.record), raw(node.name)}) || isWrittenWhole(node.record)) return true;
        named = true;
        break;
      case PathNode::Kind::Deref: return !named;
      case PathNode::Kind::Root: return roots_.contains(path);
      default: break;
    }
  }
  return true;
}

}  // namespace deadheat
