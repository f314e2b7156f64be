// A source text -> its facts, for tests: extracted in memory, with the system's real headers. Link deadheat_extract.
#pragma once

#include <string>
#include <vector>

#include "analyzers/extract/extract.h"
#include "analyzers/facts/dump.h"

namespace deadheat::test {

using Lines = std::vector<std::string>;

inline const ModelSet& builtinModels() {
  static const ModelSet models = llvm::cantFail(ModelSet::load());
  return models;
}

/// Extracts `text` as /source/test.cpp (.c when the first argument is a C standard).
inline Extraction extractText(const std::string& text, const std::vector<std::string>& flags = {"-std=c++17"}) {
  const bool isC = !flags.empty() && (flags[0] == "-std=c11" || flags[0] == "-std=gnu11" || flags[0] == "-std=c17" ||
                                      flags[0] == "-std=gnu17" || flags[0] == "-std=c99");
  const std::string file = isC ? "/source/test.c" : "/source/test.cpp";
  CompileCommand command{"/", file, {isC ? "cc" : "c++"}};
  command.arguments.insert(command.arguments.end(), flags.begin(), flags.end());
  command.arguments.insert(command.arguments.end(), {"-c", file});
  ExtractOptions options;
  options.virtualFiles.emplace_back(file, text);
  return extract(command, builtinModels(), options);
}

/// The function called `name` (as people write it), or null. The first of several.
inline const Function* functionNamed(const TuFacts& facts, const std::string& name) {
  for (const Function& function : facts.functions)
    if (function.name == name) return &function;
  return nullptr;
}

/// Whether the event only says where a number comes from.
inline bool isDerivation(const Event& event) {
  if (std::holds_alternative<Compute>(event.what)) return true;
  const auto* result = std::get_if<Return>(&event.what);
  if (!result || result->value.kind != Value::Kind::Constant) return false;
  return !result->from.empty() || result->truth != Return::Truth::Unknown || result->outcome.known();
}

/// Whether the event is the end of a local that others may know.
inline bool isEndOfLocal(const Event& event) {
  const auto* end = std::get_if<Free>(&event.what);
  return end && end->object.root.kind == RootKind::Local && end->object.steps.empty();
}

/// The events of one function, block after block, as dump() writes them without places; without those that only say
/// where numbers come from and where locals end.
inline Lines eventsOf(const TuFacts& facts, const std::string& name) {
  const Function* function = functionNamed(facts, name);
  if (!function) return {"no function " + name};
  Lines lines;
  for (const BasicBlock& block : function->blocks)
    for (const Event& event : block.events)
      if (!isDerivation(event) && !isEndOfLocal(event)) lines.push_back(dump(event, {.places = false}));
  return lines;
}

/// Where the numbers of one function come from, and what its branches test.
inline Lines derivationsOf(const std::string& text, const std::string& name,
                           const std::vector<std::string>& flags = {"-std=c++17"}) {
  const Extraction extraction = extractText(text, flags);
  const Function* function = functionNamed(extraction.facts, name);
  Lines lines;
  if (!function) return {"no function " + name};
  for (const BasicBlock& block : function->blocks) {
    for (const Event& event : block.events)
      if (isDerivation(event)) lines.push_back(dump(event, {.places = false}));
    if (block.branch) lines.push_back(dump(*block.branch, {.places = false}));
  }
  return lines;
}

/// The same for a text. A text that does not parse gives its diagnostics.
inline Lines eventsOf(const std::string& text, const std::string& name,
                      const std::vector<std::string>& flags = {"-std=c++17"}) {
  const Extraction extraction = extractText(text, flags);
  if (extraction.parsed) return eventsOf(extraction.facts, name);
  Lines lines{"does not parse"};
  for (const Diagnostic& diagnostic : extraction.facts.diagnostics) lines.push_back(diagnostic.message);
  return lines;
}

/// The blocks of one function: `0 -> 1`, then its events indented; where numbers come from is left out.
inline std::string graphOf(const std::string& text, const std::string& name,
                           const std::vector<std::string>& flags = {"-std=c++17"}) {
  const Extraction extraction = extractText(text, flags);
  const Function* function = functionNamed(extraction.facts, name);
  if (!function) return "no function " + name;
  Function shown = *function;
  for (BasicBlock& block : shown.blocks) std::erase_if(block.events, isDerivation);
  return dump(shown, {.places = false, .branches = false});
}

}  // namespace deadheat::test
