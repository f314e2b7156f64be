#include "analyzers/link/handles.h"

namespace deadheat {

bool joinsAll(const PathTable& paths, PathId handle, PathId name) {
  if (!sameHandle(paths, handle, name)) return false;
  for (; handle != name && handle != PathId::Unknown && name != PathId::Unknown;
       handle = paths[handle].parent, name = paths[name].parent) {
    const PathNode& one = paths[handle];
    const PathNode& other = paths[name];
    if (one.kind == PathNode::Kind::Element && paths.isConstantIndex(one.name) && !paths.isConstantIndex(other.name)) {
      return false;
    }
  }
  return true;
}

bool sameHandle(const PathTable& paths, PathId a, PathId b) {
  if (paths.storage(a) == Storage::Opaque && paths.isRoot(a) && a != b) {
    const PathNode& hidden = paths[static_cast<PathId>(paths[a].index)];
    const PathNode& other = paths[b];
    return hidden.kind == other.kind && hidden.kind == PathNode::Kind::Field && hidden.name == other.name &&
           hidden.record == other.record;
  }
  if (paths.storage(b) == Storage::Opaque && paths.isRoot(b) && a != b) return sameHandle(paths, b, a);
  while (a != b) {
    if (a == PathId::Unknown || b == PathId::Unknown) return false;
    const PathNode& x = paths[a];
    const PathNode& y = paths[b];
    if (x.kind != PathNode::Kind::Element || y.kind != PathNode::Kind::Element) {
      if (x.kind != y.kind || x.kind == PathNode::Kind::Root || x.name != y.name || x.record != y.record) return false;
    } else if (x.name != y.name && paths.isConstantIndex(x.name) && paths.isConstantIndex(y.name)) {
      return false;
    }
    a = x.parent;
    b = y.parent;
  }
  return a != PathId::Unknown;
}

}  // namespace deadheat
