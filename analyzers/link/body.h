// Bodies: all functions of all translation units, once each, with their events lowered to interned form.
//
// Made by merge.cpp from TuFacts, frozen, read by everything after it. A function defined in several units (inline,
// template) is kept once, from the unit whose main file sorts first, so the result does not depend on input order. Of
// the facts nothing else is kept: units come and go one at a time.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyzers/facts/tu_facts.h"
#include "analyzers/link/event_pool.h"
#include "analyzers/link/tables.h"
#include "analyzers/link/units.h"
#include "llvm/ADT/StringMap.h"

namespace deadheat {

/// Value, interned.
struct LinkedValue {
  Value::Kind kind = Value::Kind::Unknown;
  PathId path = PathId::Unknown;
  FunctionIndex function = FunctionIndex::None;
  Symbol number = Symbol::Empty;  ///< Constant: which, as an Affine; Empty when not known.
  auto operator<=>(const LinkedValue&) const = default;

  bool known() const { return kind != Value::Kind::Unknown; }
  static LinkedValue addressOf(PathId p) {
    return p == PathId::Unknown ? LinkedValue{} : LinkedValue{Value::Kind::AddressOf, p, FunctionIndex::None};
  }
  static LinkedValue load(PathId p) {
    return p == PathId::Unknown ? LinkedValue{} : LinkedValue{Value::Kind::Load, p, FunctionIndex::None};
  }
};

/// The parts of a Call or Spawn.
struct CallSite {
  Callee::Kind kind = Callee::Kind::Direct;
  FunctionIndex function = FunctionIndex::None;  ///< Direct and Virtual, if its body is known.
  LinkedValue target;                            ///< Indirect.
  std::optional<LinkedValue> receiver;
  std::vector<LinkedValue> arguments;
  PathId result = PathId::Unknown;  ///< Call: the result. Spawn: the handle.
  bool spawn = false;
  std::vector<FunctionIndex> targets;  ///< Bodies it may reach, by hierarchy or bindings; set by the call graph.
  bool guessed = false;                ///< Targets were matched by signature only.
  std::vector<LinkedValue> callables;  ///< Indirect: the bound values behind `targets`, where known.
};

/// One lowered event. `what` may be without its paths and values (event_pool.h), which are here.
struct Step {
  Location location;  ///< File numbers of the Program.
  const EventKind* what = nullptr;
  PathId path = PathId::Unknown;    ///< Access, lock, handle, target, object, condition, guard.
  PathId second = PathId::Unknown;  ///< Wait, GuardStart: the lock. Return: the Result of the call that decides.
  LinkedValue value;                ///< Assign, Escape, Return.
  std::uint32_t call = kNoCall;     ///< Index into Body::calls.
  std::uint32_t sources = kNoCall;  ///< Compute, Return: index into Body::sources.
  std::uint32_t region = 0;         ///< As Event::region.
  static constexpr std::uint32_t kNoCall = 0xffffffff;
};

/// What decides between the first two successors of a block.
struct LinkedBranch {
  const Branch* what = nullptr;
  PathId tested = PathId::Unknown;
  std::vector<PathId> depends;
  PathId outcome = PathId::Unknown;  ///< Result of a call.
};

/// A straight run of steps.
struct StepBlock {
  std::vector<Step> steps;
  std::vector<std::uint32_t> successors;
  std::vector<std::uint32_t> predecessors;
  std::uint32_t branch = kNoBranch;  ///< Index into Body::branches.
  static constexpr std::uint32_t kNoBranch = 0xffffffff;
  bool unwinds = false;  ///< See BasicBlock::unwinds.
};

/// One function.
struct Body {
  const Function* facts = nullptr;  ///< Without its blocks.
  Location location;
  std::vector<StepBlock> blocks;
  std::uint32_t exit = 0;
  std::vector<CallSite> calls;
  std::vector<std::vector<PathId>> sources;
  std::vector<LinkedBranch> branches;
  std::vector<ContextId> contexts;  ///< By region number; the first is None.
  FunctionIndex original = FunctionIndex::None;  ///< A copy for some arguments (specialise.h): of which function.
};

/// Every function, class and global of the program.
struct Bodies {
  std::vector<std::string> files;  ///< Location::file indexes this.
  std::vector<Body> functions;     ///< Sorted by FunctionId.
  std::vector<Function> heads;     ///< The same functions as the facts tell them, without their blocks.
  llvm::StringMap<FunctionIndex> byId;
  std::unordered_map<std::string_view, const Record*> records;
  std::unordered_set<std::string_view> overlaid;  ///< Records with different members in the same memory.
  std::unordered_map<std::string_view, const GlobalVariable*> globals;
  std::deque<Record> allRecords;           ///< What `records` points into.
  std::deque<GlobalVariable> allGlobals;  ///< What `globals` points into.
  EventPool events;

  const Body& operator[](FunctionIndex f) const { return functions[raw(f)]; }
  Body& operator[](FunctionIndex f) { return functions[raw(f)]; }
  FunctionIndex find(std::string_view id) const {
    auto found = byId.find(id);
    return found == byId.end() ? FunctionIndex::None : found->second;
  }
};

/// Merges `units`, each of which is read twice and held once at a time. Linear in the number of events.
Bodies mergeUnits(Units& units, Tables& tables);

}  // namespace deadheat
