#include "tool/cache/unit_record.h"

#include <algorithm>
#include <cstdlib>

#include "analyzers/extract/compilation_database.h"
#include "analyzers/facts/archive.h"
#include "analyzers/facts/codec.h"
#include "llvm/Support/FormatVariadic.h"

namespace deadheat {

template <class A> void describe(A& a, Digest& x) { a(x.high, x.low); }
template <class A> void describe(A& a, Input& x) { a(x.path, x.kind, x.digest); }
template <class A> void describe(A& a, UnitRecord& x) {
  a(x.hasFacts, x.facts, x.functions, x.parsed, x.failure, x.droppedFlags, x.usedModels);
}

namespace {

/// States of a unit's inputs that are remembered: enough to go back and forth between branches.
constexpr std::size_t kMostStates = 4;

using Kind = CacheFolder::Kind;

/// Variables from which the front end takes folders to search.
constexpr const char* kVariables[] = {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "GCC_EXEC_PREFIX",
                                      "COMPILER_PATH", "CCC_OVERRIDE_OPTIONS"};

struct Entry {
  std::vector<Input> inputs;
  UnitRecord record;
};
template <class A> void describe(A& a, Entry& x) { a(x.inputs, x.record); }

template <class T>
std::string encodeAny(const T& value) {
  Encoder encoder;
  encoder(const_cast<T&>(value));  // describe() serves reading too; writing changes nothing
  return encoder.bytes();
}

template <class T>
std::optional<T> decodeAny(llvm::StringRef bytes) {
  T value;
  Decoder decoder(bytes);
  decoder(value);
  if (!decoder.ok()) return std::nullopt;
  return value;
}

/// The first error of a unit, with its place.
std::string failureReason(const TuFacts& facts) {
  for (const Diagnostic& diagnostic : facts.diagnostics) {
    if (diagnostic.severity != Diagnostic::Severity::Error) continue;
    if (!diagnostic.location.valid() || diagnostic.location.file >= facts.files.size()) return diagnostic.message;
    return llvm::formatv("{0}:{1}: {2}", facts.files[diagnostic.location.file], diagnostic.location.line,
                         diagnostic.message);
  }
  return "could not be parsed";
}

std::string stateName(const std::vector<Input>& inputs) { return digestOf(encodeAny(Entry{inputs, {}})).text(); }

}  // namespace

std::string encode(const UnitRecord& record) { return encodeAny(record); }

std::optional<UnitRecord> decodeUnitRecord(llvm::StringRef bytes) { return decodeAny<UnitRecord>(bytes); }

std::string UnitCache::nameOf(const CompileCommand& command) const {
  DigestBuilder key;
  key.add(general_).add(command.directory).add(command.file).add(meaningOf(command));
  key.add(command.arguments.empty() ? "" : command.arguments.front());
  for (const char* variable : kVariables) {
    const char* value = std::getenv(variable);
    key.add(value ? value : "");
  }
  return entryName(key.finish());
}

std::optional<UnitRecord> UnitCache::find(const CompileCommand& command, SourceFiles& files) const {
  for (const std::string& name : folder_.below(Kind::Units, nameOf(command))) {
    auto bytes = folder_.read(Kind::Units, name);
    auto entry = bytes ? decodeAny<Entry>(*bytes) : std::nullopt;
    if (!entry) continue;
    auto holds = [&](const Input& input) { return stillHolds(input, files); };
    if (!std::all_of(entry->inputs.begin(), entry->inputs.end(), holds)) continue;
    if (entry->record.hasFacts && !folder_.contains(Kind::Facts, entryName(entry->record.facts))) continue;
    return std::move(entry->record);
  }
  return std::nullopt;
}

llvm::Expected<UnitRecord> UnitCache::keep(const CompileCommand& command, const Extraction& extraction) const {
  UnitRecord record;
  record.hasFacts = true;
  record.functions = static_cast<std::uint32_t>(extraction.facts.functions.size());
  record.parsed = extraction.parsed;
  if (!extraction.parsed) record.failure = failureReason(extraction.facts);
  record.droppedFlags = extraction.droppedFlags;
  record.usedModels = extraction.facts.usedModels;
  const std::string archive = writeFacts(extraction.facts);
  record.facts = digestOf(archive);
  if (std::string name = entryName(record.facts); !folder_.contains(Kind::Facts, name))
    if (llvm::Error error = folder_.write(Kind::Facts, name, archive)) return std::move(error);
  const std::string unit = nameOf(command);
  if (llvm::Error error = folder_.write(Kind::Units, unit + "/" + stateName(extraction.inputs),
                                        encodeAny(Entry{extraction.inputs, record})))
    return std::move(error);
  std::vector<std::string> states = folder_.below(Kind::Units, unit);
  for (std::size_t i = kMostStates; i < states.size(); ++i) folder_.remove(Kind::Units, states[i]);
  return record;
}

std::optional<std::string> UnitCache::facts(const UnitRecord& record) const {
  return folder_.read(Kind::Facts, entryName(record.facts));
}

}  // namespace deadheat
