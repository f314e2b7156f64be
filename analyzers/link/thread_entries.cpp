#include "analyzers/link/thread_entries.h"

#include <map>

namespace deadheat {
namespace {

Spawn startOf(const Function& entry) {
  Spawn start;
  start.entry.function = entry.id;
  start.entry.name = entry.name;
  start.entry.signature = entry.signature;
  const bool isMethod = entry.kind == Function::Kind::Method && !entry.isStatic;
  if (isMethod) start.receiver = Value::unknown();
  start.arguments.assign(entry.parameters.size(), Value::unknown());
  start.how = kConfiguredThread;
  return start;
}

Function* findMain(std::vector<TuFacts>& units) {
  for (TuFacts& unit : units)
    for (Function& function : unit.functions)
      if (function.kind == Function::Kind::Free && function.name == "main" && !function.blocks.empty()) return &function;
  return nullptr;
}

/// Puts `events` before everything else in `function`.
void prepend(Function& function, std::vector<Event> events) {
  const auto moved = static_cast<std::uint32_t>(function.blocks.size());
  for (BasicBlock& block : function.blocks)
    for (std::uint32_t& next : block.successors)
      if (next == 0) next = moved;
  if (function.exit == 0) function.exit = moved;
  function.blocks.push_back(std::move(function.blocks[0]));
  function.blocks[0] = BasicBlock{};
  function.blocks[0].events = std::move(events);
  function.blocks[0].successors = {moved};
}

}  // namespace

void startConfiguredThreads(std::vector<TuFacts>& units) {
  constexpr int kStarts = 2;
  std::map<FunctionId, const Function*> entries;
  for (const TuFacts& unit : units)
    for (const Function& function : unit.functions)
      if (function.startsThread && !function.isDeclaration) entries.try_emplace(function.id, &function);
  if (entries.empty()) return;
  Function* main = findMain(units);
  Function own;
  own.id = "$threads";
  own.name = "threads of the configuration";
  own.blocks.resize(1);
  Function& starter = main ? *main : own;
  std::vector<Event> events;
  for (const auto& [id, entry] : entries)
    for (int i = 0; i < kStarts; ++i) events.push_back({starter.location, startOf(*entry)});
  prepend(starter, std::move(events));
  if (!main) units.front().functions.push_back(std::move(own));
}

}  // namespace deadheat
