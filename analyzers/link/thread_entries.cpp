#include "analyzers/link/thread_entries.h"

#include <algorithm>

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

bool isMain(const Function& function) {
  return function.kind == Function::Kind::Free && function.name == "main" && !function.blocks.empty();
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

void ThreadEntries::look(const Function& function, std::uint32_t unit,
                         llvm::function_ref<bool(std::uint32_t, std::uint32_t)> isBefore) {
  if (isMain(function) && (!mainUnit_ || isBefore(unit, *mainUnit_))) mainUnit_ = unit;
  if (!function.startsThread || function.isDeclaration) return;
  auto [known, fresh] = units_.try_emplace(function.id, unit);
  if (!fresh && !isBefore(unit, known->second)) return;
  known->second = unit;
  entries_[function.id] = startOf(function);
}

void ThreadEntries::addTo(TuFacts& facts, std::uint32_t unit, std::uint32_t firstUnit) const {
  constexpr int kStarts = 2;
  if (entries_.empty() || unit != mainUnit_.value_or(firstUnit)) return;
  Function own;
  own.id = kStarterId;
  own.name = "threads of the configuration";
  own.blocks.resize(1);
  auto main = std::find_if(facts.functions.begin(), facts.functions.end(), isMain);
  Function& starter = main != facts.functions.end() ? *main : own;
  std::vector<Event> events;
  for (const auto& [id, start] : entries_)
    for (int i = 0; i < kStarts; ++i) events.push_back({starter.location, start});
  prepend(starter, std::move(events));
  if (&starter == &own) facts.functions.push_back(std::move(own));
}

}  // namespace deadheat
