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
    const bool constructs =
        call.function != FunctionIndex::None && bodies[call.function].facts->kind == Function::Kind::Constructor;
    if (call.receiver && isThis(*call.receiver) && !constructs) return true;
    for (const LinkedValue& argument : call.arguments) {
      if (isThis(argument)) return true;
    }
  }
  return false;
}

}  // namespace

WrittenMemory::WrittenMemory(const Bodies& bodies, const Tables& tables) : bodies_(bodies), tables_(tables) {
  for (const Body& body : bodies.functions) {
    const bool quiet = body.facts->kind == Function::Kind::GlobalInit ||
                       (body.facts->kind == Function::Kind::Constructor && !sharesItsObject(body, bodies, tables));
    for (const StepBlock& block : body.blocks) {
      for (const Step& step : block.steps) {
        const auto* access = std::get_if<Access>(step.what);
        const bool own =
            quiet && step.path != PathId::Unknown &&
            (tables.paths.storage(step.path) == Storage::This || body.facts->kind == Function::Kind::GlobalInit);
        if ((access && access->kind != AccessKind::Read && !own) || std::holds_alternative<Free>(*step.what)) {
          note(step.path);
          const bool pointee = tables.paths[step.path].kind == PathNode::Kind::Deref;
          if (pointee) noteWhole(access ? access->type : typeOf(tables.paths[step.path].parent, body, 3));
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
    for (const Step& step : block.steps) {
      noteValue(step.value);
      const bool stores = step.path != PathId::Unknown && tables_.paths.storage(step.path) == Storage::Global &&
                          std::holds_alternative<Assign>(*step.what) && step.value.kind != Value::Kind::Constant;
      if (stores) bound_.insert(tables_.paths[step.path].root);
    }
  }
}

bool WrittenMemory::leadsNowhere(PathId path) const {
  const PathTable& paths = tables_.paths;
  if (path == PathId::Unknown || paths.storage(path) != Storage::Global || paths.derefs(path) == 0) return false;
  const PathId root = paths[path].root;
  if (bound_.contains(root)) return false;
  auto found = bodies_.globals.find(tables_.symbols.text(paths[root].name));
  return found != bodies_.globals.end() && found->second->isConst;
}

void WrittenMemory::note(PathId path) {
  while (path != PathId::Unknown) {
    const PathNode& node = tables_.paths[path];
    if (node.kind == PathNode::Kind::Field) {
      fields_.insert({raw(node.record), raw(node.name)});
      return noteWholes(node.parent);
    }
    if (node.kind == PathNode::Kind::Root) roots_.insert(path);
    if (node.kind == PathNode::Kind::Root || node.kind == PathNode::Kind::Deref) return;
    path = node.parent;
  }
}

/// Objects that have what is written as a part.
void WrittenMemory::noteWholes(PathId path) {
  for (; path != PathId::Unknown && tables_.paths[path].kind != PathNode::Kind::Deref; path = tables_.paths[path].parent) {
    const PathNode& node = tables_.paths[path];
    if (node.kind == PathNode::Kind::Field) partlyFields_.insert({raw(node.record), raw(node.name)});
    if (node.kind == PathNode::Kind::Root) partlyRoots_.insert(path);
  }
}

/// Whether a member of the whole object at `path` is written.
bool WrittenMemory::isWrittenInPart(PathId path) const {
  while (path != PathId::Unknown && tables_.paths[path].kind == PathNode::Kind::Element) path = tables_.paths[path].parent;
  const PathNode& node = tables_.paths[path];
  if (node.kind == PathNode::Kind::Field) return partlyFields_.contains({raw(node.record), raw(node.name)});
  return node.kind == PathNode::Kind::Root && partlyRoots_.contains(path);
}

/// The type of the pointer at `cell`, or of the object it was given; empty if not known.
std::string WrittenMemory::typeOf(PathId cell, const Body& body, int hops) const {
  if (cell == PathId::Unknown || hops == 0) return {};
  const PathNode& node = tables_.paths[cell];
  if (node.kind == PathNode::Kind::Field) {
    auto record = bodies_.records.find(tables_.symbols.text(node.record));
    if (record == bodies_.records.end()) return {};
    for (const Record::Field& field : record->second->fields) {
      if (field.name == tables_.symbols.text(node.name)) return field.type;
    }
    return {};
  }
  if (node.storage == Storage::Parameter && node.index < body.facts->parameters.size()) {
    return body.facts->parameters[node.index].type;
  }
  for (const StepBlock& block : body.blocks) {
    for (const Step& step : block.steps) {
      if (const auto* made = std::get_if<Allocate>(step.what); made && step.path == cell) return made->type;
      if (!std::holds_alternative<Assign>(*step.what) || step.path != cell || step.value.path == cell) continue;
      if (std::string type = typeOf(step.value.path, body, hops - 1); !type.empty()) return type;
    }
  }
  return {};
}

/// Types are written as people do: `struct config *`, `const ns::Config`; records by their qualified name.
void WrittenMemory::noteWhole(std::string type) {
  if (auto open = type.find('<'); type.find("_ptr<") != std::string::npos) {
    type = type.substr(open + 1, type.rfind('>') - open - 1);
  }
  while (!type.empty() && (type.back() == '*' || type.back() == '&' || type.back() == ' ')) type.pop_back();
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
  if (path != PathId::Unknown && isWrittenInPart(path)) return true;
  bool named = false;
  for (; path != PathId::Unknown; path = tables_.paths[path].parent) {
    const PathNode& node = tables_.paths[path];
    switch (node.kind) {
      case PathNode::Kind::Field:
        if (fields_.contains({raw(node.record), raw(node.name)}) || isWrittenWhole(node.record)) return true;
        named = true;
        break;
      case PathNode::Kind::Deref:
        return !named;
      case PathNode::Kind::Root:
        return roots_.contains(path);
      default:
        break;
    }
  }
  return true;
}

}  // namespace deadheat
