// TuFacts: everything one translation unit does that matters to concurrency. Plain data, no Clang.
//
// Produced by extract/, frozen, written and read by archive.h, consumed by link/. A pure function of the translation
// unit and its command, so it can be cached and computed elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/facts/contract.h"
#include "analyzers/facts/event.h"

namespace deadheat {

/// Version of the facts language; a reader accepts its own version only.
inline constexpr std::uint32_t kFactsVersion = 16;

/// What decides between two successors.
struct Branch {
  std::vector<Path> depends;  ///< What the condition reads, as in Compute::from.
  /// The one path that the condition tests for being true, non-null or non-zero, or for being `against`; else Unknown.
  Path tested;
  std::string against;    ///< The constant it is compared with; empty for zero, null and false.
  Path outcome = {};      ///< The Result of a call whose truth decides, also by way of one variable; else Unknown.
  bool outcomeNegated = false;
  bool negated = false;   ///< The condition holds if `tested` is false, null or zero, or differs from `against`.
  std::string text;       ///< The condition as written.
  auto operator<=>(const Branch&) const = default;
};

/// A straight run of events, then a jump to one of `successors` (indices into Function::blocks).
struct BasicBlock {
  std::vector<Event> events;
  std::vector<std::uint32_t> successors;
  /// Set only where the first successor is taken if the condition holds and the second if not; any further ones are
  /// ways to handlers.
  std::optional<Branch> branch = {};
  bool unwinds = false;  ///< Leads from a try body, by an exception, to its handlers.
  auto operator<=>(const BasicBlock&) const = default;
};

struct Parameter {
  std::string name;
  std::string type;
  auto operator<=>(const Parameter&) const = default;
};

/// What the promise type says of a coroutine. Its events are those of its body, between an initial and a final Suspend where
/// it is suspended there.
struct Coroutine {
  enum class Start : std::uint8_t {
    Unknown,
    Lazy,   ///< The body runs once the task is awaited or resumed.
    Eager,  ///< The call runs the body up to its first suspension.
  };
  Start start = Start::Unknown;
  bool generator = false;  ///< It yields values to a consumer that resumes it.
  bool endsItself = false; ///< The frame is destroyed when the body is over.
  Resumption resumes = Resumption::Unknown;  ///< As the model of the task type has it.
  std::string task;        ///< Type of what the call gives back.
  std::string promise;
  auto operator<=>(const Coroutine&) const = default;
};

/// One function body as instantiated: free function, method, lambda call operator, destructor with the member and base
/// destructors it runs, constructor with its initialisers, or the initialisers of a file's global variables.
struct Function {
  enum class Kind : std::uint8_t { Free, Method, Constructor, Destructor, Lambda, GlobalInit };
  enum class Reach : std::uint8_t { Public, Protected, Private };
  enum class Linkage : std::uint8_t { External, Internal };

  FunctionId id;
  std::string name;  ///< Qualified, for people: `Bank::transfer`, `Pool::start()::lambda`.
  std::string record;  ///< Qualified class name of a method, constructor or destructor; empty otherwise.
  std::string signature;
  Kind kind = Kind::Free;
  Reach reach = Reach::Public;
  Linkage linkage = Linkage::External;
  bool isStatic = false;      ///< A static member function: no `this`.
  bool isConst = false;
  bool isVirtual = false;
  bool isNoexcept = false;
  bool addressTaken = false;  ///< Its address is taken somewhere in this translation unit.
  std::vector<FunctionId> overrides;  ///< Virtual methods it directly overrides.
  std::vector<Parameter> parameters;
  Location location;
  Contracts contracts;
  /// No body is seen: the events are what its contracts say. A definition in another unit replaces it.
  bool isDeclaration = false;
  bool startsThread = false;  ///< The configuration says that threads start here.
  std::optional<Coroutine> coroutine;
  std::vector<BasicBlock> blocks;  ///< Block 0 is the entry.
  std::uint32_t exit = 0;          ///< Index of the exit block, which has no successors.
  std::vector<Region> regions;     ///< Region number n is regions[n - 1]; parents come first.
  /// Locals that are made anew for each thread, turn or task that enters a region.
  struct Own {
    std::string local;  ///< Root::name.
    std::uint32_t region = 0;
    auto operator<=>(const Own&) const = default;
  };
  std::vector<Own> owned;
  auto operator<=>(const Function&) const = default;
};

/// What the analyses need to know of a class.
struct Record {
  struct Field {
    std::string name;
    std::string type;
    enum class Kind : std::uint8_t { Plain, Lock, Atomic, Condition, Thread, Container, Const };
    Kind kind = Kind::Plain;
    Location location;
    std::vector<Guard> guards;
    LockOrderPromise order;
    std::uint32_t bits = 0;  ///< Bit-fields with the same number, not 0, are one memory location.
    auto operator<=>(const Field&) const = default;
  };
  std::string name;  ///< Qualified, with template arguments.
  std::vector<std::string> bases;
  std::vector<Field> fields;
  Location location;
  bool isUnion = false;  ///< All its fields are the same memory.
  auto operator<=>(const Record&) const = default;
};

/// A variable with static storage.
struct GlobalVariable {
  std::string name;  ///< As Root::name.
  std::string display;
  std::string type;
  bool isConst = false;
  bool isStaticLocal = false;
  Location location;
  std::vector<Guard> guards;
  LockOrderPromise order;
  auto operator<=>(const GlobalVariable&) const = default;
};

/// A problem met while extracting: data for the report, not a failure.
struct Diagnostic {
  enum class Severity : std::uint8_t { Note, Warning, Error };
  Severity severity = Severity::Error;
  Location location;
  std::string message;
  auto operator<=>(const Diagnostic&) const = default;
};

/// The facts of one translation unit. Vectors other than `files` are sorted by name or id, so that equal input gives
/// equal bytes.
struct TuFacts {
  std::string mainFile;            ///< As the compile command names it, made absolute.
  std::vector<std::string> files;  ///< files[0] is empty; absolute, without dot segments.
  std::vector<Function> functions;
  std::vector<Record> records;
  std::vector<GlobalVariable> globals;
  std::vector<Diagnostic> diagnostics;
  std::vector<std::string> usedModels;  ///< Entries of users' models that matched something here, by entryKey.
  auto operator<=>(const TuFacts&) const = default;
};

}  // namespace deadheat
