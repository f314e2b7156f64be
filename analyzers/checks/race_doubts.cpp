#include "analyzers/checks/race_doubts.h"

#include <algorithm>

namespace deadheat {
namespace {

/// How many pointers are followed from the root that both threads name.
std::size_t pointersIn(const PathTable& paths, PathId path) {
  const std::vector<PathId> all = paths.prefixes(path);
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](PathId p) { return paths[p].kind == PathNode::Kind::Deref; }));
}

/// The access is made by a constructor or destructor, of whatever object.
bool buildsOrTearsDown(const Program& program, const AccessFact& fact) {
  if (fact.frees) return true;
  const Function::Kind kind = program.function(fact.function).kind;
  return kind == Function::Kind::Constructor || kind == Function::Kind::Destructor;
}

bool waitedForCondition(const Program& program, const AccessFact& fact) {
  for (PathId gate : program.tables().pathSets[fact.acquired]) {
    const Record::Field* field = program.field(gate);
    if (field && field->kind == Record::Field::Kind::Condition) return true;
  }
  return false;
}

void lower(RacePair& pair, Confidence to, const char* reason) {
  if (to >= pair.confidence) return;
  pair.confidence = to;
  pair.reason = reason;
}

}  // namespace

void raiseDoubts(const Program& program, RacePair& pair) {
  const PathTable& paths = program.tables().paths;
  const AccessFact& a = pair.a->fact;
  const AccessFact& b = pair.b->fact;
  const std::size_t pointers = std::max(pointersIn(paths, a.path), pointersIn(paths, b.path));
  const bool lifetime = buildsOrTearsDown(program, a) || buildsOrTearsDown(program, b);
  if (lifetime && pointers > 0) {
    lower(pair, Confidence::Low, "one side makes or destroys an object reached through a pointer that may be another by then");
  }
  if (lifetime && (waitedForCondition(program, a) || waitedForCondition(program, b))) {
    lower(pair, Confidence::Low, "one side waited for a condition before it tears the object down");
  }
  if (pointers > 1) {
    lower(pair, Confidence::Low, "the two sides follow several pointers that may lead them to different objects");
  } else if (pointers == 1) {
    lower(pair, Confidence::Medium, "both sides are taken to follow the pointer to the same object");
  }
}

}  // namespace deadheat
