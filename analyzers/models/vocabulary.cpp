// The spelling of the model vocabulary: one line a word.
#include "analyzers/models/vocabulary.h"

namespace deadheat {
namespace {

/// An argument position as written: a number from 0, `this`, `result`, `callable`, `executor` or `last`.
struct Position {
  int& value;
  bool said = false;
};

constexpr Spelling<TypeKind> kTypeKinds[] = {
    {"lock", TypeKind::Lock},
    {"guard", TypeKind::Guard},
    {"condition", TypeKind::Condition},
    {"thread", TypeKind::Thread},
    {"future", TypeKind::Future},
    {"promise", TypeKind::Promise},
    {"container", TypeKind::Container},
    {"smart-pointer", TypeKind::SmartPointer},
    {"iterator", TypeKind::Iterator},
    {"atomic", TypeKind::Atomic},
    {"once", TypeKind::Once},
    {"callable", TypeKind::Callable},
    {"tag", TypeKind::Tag},
    {"plain", TypeKind::Plain},
    {"synchronized", TypeKind::Synchronized},
    {"task", TypeKind::Task},
    {"generator", TypeKind::Generator},
    {"awaitable", TypeKind::Awaitable},
    {"executor", TypeKind::Executor},
};

constexpr Spelling<LibraryCall::InSignal> kInSignal[] = {
    {"safe", LibraryCall::InSignal::Safe},
    {"unsafe", LibraryCall::InSignal::Unsafe},
    {"masks", LibraryCall::InSignal::Masks},
};

constexpr Spelling<AccessKind> kAccessKinds[] = {
    {"read", AccessKind::Read},
    {"write", AccessKind::Write},
};

constexpr Spelling<Effect> kEffects[] = {
    {"nothing", Effect::Nothing},
    {"acquire", Effect::Acquire},
    {"release", Effect::Release},
    {"upgrade", Effect::Upgrade},
    {"downgrade", Effect::Downgrade},
    {"lock-pointer", Effect::LockPointer},
    {"locked-call", Effect::LockedCall},
    {"try", Effect::Try},
    {"acquire-all", Effect::AcquireAll},
    {"try-all", Effect::TryAll},
    {"swap", Effect::Swap},
    {"disown", Effect::Disown},
    {"owns", Effect::Owns},
    {"wait", Effect::Wait},
    {"notify-one", Effect::NotifyOne},
    {"notify-all", Effect::NotifyAll},
    {"spawn", Effect::Spawn},
    {"parallel", Effect::Parallel},
    {"join", Effect::Join},
    {"run", Effect::Run},
    {"detach", Effect::Detach},
    {"begin", Effect::Begin},
    {"end", Effect::End},
    {"block", Effect::Block},
    {"once", Effect::Once},
    {"invoke", Effect::Invoke},
    {"bind", Effect::Bind},
    {"ref", Effect::Ref},
    {"forward", Effect::Forward},
    {"allocate", Effect::Allocate},
    {"reallocate", Effect::Reallocate},
    {"fill", Effect::Fill},
    {"free", Effect::Free},
    {"make", Effect::Make},
    {"read", Effect::Read},
    {"write", Effect::Write},
    {"copy", Effect::Copy},
    {"element", Effect::Element},
    {"grow", Effect::Grow},
    {"mapped", Effect::Mapped},
    {"iterate", Effect::Iterate},
    {"insert", Effect::Insert},
    {"emplace", Effect::Emplace},
    {"get", Effect::Get},
    {"reset", Effect::Reset},
    {"load", Effect::Load},
    {"store", Effect::Store},
    {"exchange", Effect::Exchange},
    {"fence", Effect::Fence},
    {"self", Effect::Self},
    {"suspend", Effect::Suspend},
    {"gather", Effect::Gather},
    {"start", Effect::Start},
    {"resume", Effect::Resume},
    {"destroy", Effect::Destroy},
};

constexpr Spelling<Recursion> kRecursions[] = {
    {"no", Recursion::No},
    {"yes", Recursion::Yes},
    {"unknown", Recursion::Unknown},
};

constexpr Spelling<LockMode> kModes[] = {
    {"exclusive", LockMode::Exclusive},
    {"shared", LockMode::Shared},
};

constexpr Spelling<LockWait> kWaits[] = {
    {"blocking", LockWait::Blocking},
    {"try", LockWait::Try},
    {"timed", LockWait::Timed},
};

constexpr Spelling<Success> kSuccesses[] = {
    {"true", Success::True},
    {"zero", Success::Zero},
    {"minus-one", Success::MinusOne},
};

constexpr Spelling<GuardTag> kTags[] = {
    {"none", GuardTag::None},
    {"adopt", GuardTag::Adopt},
    {"defer", GuardTag::Defer},
    {"try", GuardTag::Try},
    {"parallel", GuardTag::Parallel},
    {"sequential", GuardTag::Sequential},
    {"awaited", GuardTag::Awaited},
    {"detached", GuardTag::Detached},
    {"suspends", GuardTag::Suspends},
};

constexpr Spelling<Coroutine::Start> kStarts[] = {
    {"unknown", Coroutine::Start::Unknown},
    {"lazy", Coroutine::Start::Lazy},
    {"eager", Coroutine::Start::Eager},
};

constexpr Spelling<Resumption> kResumptions[] = {
    {"unknown", Resumption::Unknown},
    {"same-thread", Resumption::SameThread},
    {"executor", Resumption::Executor},
    {"anywhere", Resumption::Anywhere},
};

constexpr Spelling<TaskEnd> kTaskEnds[] = {
    {"unknown", TaskEnd::Unknown}, {"destroyed", TaskEnd::Destroyed}, {"detached", TaskEnd::Detached},
    {"fatal", TaskEnd::Fatal},     {"waits", TaskEnd::Waits},
};

constexpr Spelling<ExecutorThreads> kExecutorThreads[] = {
    {"unknown", ExecutorThreads::Unknown},
    {"one", ExecutorThreads::One},
    {"many", ExecutorThreads::Many},
};

constexpr Spelling<SpawnWhere> kPlaces[] = {
    {"thread", SpawnWhere::Thread},
    {"async", SpawnWhere::Async},
    {"pool", SpawnWhere::Pool},
    {"fiber", SpawnWhere::Fiber},
    {"task", SpawnWhere::Task},
    {"open-mp", SpawnWhere::OpenMp},
    {"signal-handler", SpawnWhere::SignalHandler},
};

}  // namespace
}  // namespace deadheat

LLVM_YAML_IS_SEQUENCE_VECTOR(deadheat::FunctionEntry)
LLVM_YAML_IS_SEQUENCE_VECTOR(deadheat::TypeEntry)
LLVM_YAML_IS_SEQUENCE_VECTOR(deadheat::HazardEntry)

namespace llvm::yaml {

using namespace deadheat;

template <>
struct ScalarEnumerationTraits<TypeKind> {
  static void enumeration(IO& io, TypeKind& value) { spell(io, value, kTypeKinds); }
};
template <>
struct ScalarEnumerationTraits<Effect> {
  static void enumeration(IO& io, Effect& value) { spell(io, value, kEffects); }
};
template <>
struct ScalarEnumerationTraits<Recursion> {
  static void enumeration(IO& io, Recursion& value) { spell(io, value, kRecursions); }
};
template <>
struct ScalarEnumerationTraits<LockMode> {
  static void enumeration(IO& io, LockMode& value) { spell(io, value, kModes); }
};
template <>
struct ScalarEnumerationTraits<LockWait> {
  static void enumeration(IO& io, LockWait& value) { spell(io, value, kWaits); }
};
template <>
struct ScalarEnumerationTraits<Success> {
  static void enumeration(IO& io, Success& value) { spell(io, value, kSuccesses); }
};
template <>
struct ScalarEnumerationTraits<GuardTag> {
  static void enumeration(IO& io, GuardTag& value) { spell(io, value, kTags); }
};
template <>
struct ScalarEnumerationTraits<ExecutorThreads> {
  static void enumeration(IO& io, ExecutorThreads& value) { spell(io, value, kExecutorThreads); }
};
template <>
struct ScalarEnumerationTraits<SpawnWhere> {
  static void enumeration(IO& io, SpawnWhere& value) { spell(io, value, kPlaces); }
};

template <>
struct ScalarEnumerationTraits<Coroutine::Start> {
  static void enumeration(IO& io, Coroutine::Start& value) { spell(io, value, kStarts); }
};
template <>
struct ScalarEnumerationTraits<Resumption> {
  static void enumeration(IO& io, Resumption& value) { spell(io, value, kResumptions); }
};
template <>
struct ScalarEnumerationTraits<TaskEnd> {
  static void enumeration(IO& io, TaskEnd& value) { spell(io, value, kTaskEnds); }
};
template <>
struct ScalarTraits<Position> {
  static void output(const Position&, void*, raw_ostream&) {}
  static StringRef input(StringRef text, void*, Position& position) {
    position.said = true;
    if (text == "this") {
      position.value = FunctionModel::kThis;
    } else if (text == "result") {
      position.value = FunctionModel::kResult;
    } else if (text == "callable") {
      position.value = FunctionModel::kCallable;
    } else if (text == "executor") {
      position.value = FunctionModel::kExecutor;
    } else if (text == "last") {
      position.value = FunctionModel::kLast;
    } else if (text.getAsInteger(10, position.value) || position.value < 0) {
      return "an argument position is a number from 0, `this`, `result`, `callable`, `executor` or `last`";
    }
    return {};
  }
  static QuotingType mustQuote(StringRef) { return QuotingType::None; }
};

namespace {

/// Reads an optional argument position; whether it was there.
bool mapPosition(IO& io, const char* key, int& value) {
  Position position{value};
  void* saved = nullptr;
  bool useDefault = false;
  if (!io.preflightKey(key, /*Required=*/false, /*SameAsDefault=*/false, useDefault, saved)) return false;
  EmptyContext context;
  yamlize(io, position, true, context);
  io.postflightKey(saved);
  return position.said;
}

/// Reads a list of libraries, each with the version from which on something holds: `glibc 2.32`, or only `musl`.
void mapLibraries(IO& io, const char* key, std::vector<Libc>& libraries) {
  std::vector<std::string> texts;
  io.mapOptional(key, texts);
  for (const std::string& text : texts) {
    auto [name, version] = StringRef(text).split(' ');
    auto [major, minor] = version.split('.');
    Libc libc{name.str()};
    const bool isBad = (!version.empty() && major.getAsInteger(10, libc.major)) ||
                       (!minor.empty() && minor.getAsInteger(10, libc.minor));
    if (isBad) io.setError(std::string("'") + key + "' lists libraries like `glibc 2.32`");
    libraries.push_back(std::move(libc));
  }
}

}  // namespace

template <>
struct MappingTraits<FunctionEntry> {
  static void mapping(IO& io, FunctionEntry& entry) {
    io.mapRequired("names", entry.names);
    io.mapRequired("effect", entry.model.effect);
    entry.objectSaid = mapPosition(io, "object", entry.model.object);
    mapPosition(io, "lock", entry.model.lock);
    mapPosition(io, "predicate", entry.model.predicate);
    mapPosition(io, "entry", entry.model.entry);
    mapPosition(io, "bound", entry.model.bound);
    mapPosition(io, "handle", entry.model.handle);
    mapPosition(io, "token", entry.model.token);
    io.mapOptional("mode", entry.model.mode);
    io.mapOptional("wait", entry.model.wait);
    io.mapOptional("success", entry.model.success);
    io.mapOptional("where", entry.model.where);
    io.mapOptional("consumes", entry.model.consumes);
    io.mapOptional("what", entry.model.what);
    io.mapOptional("method", entry.model.method);
    io.mapOptional("awaited", entry.model.awaited);
    io.mapOptional("resumes", entry.model.resumes);
    YamlText::of(io).words = {"names",  "effect", "object", "lock",    "predicate", "entry",
                              "bound",  "handle", "mode",   "wait",    "success",   "where",
                              "consumes", "what", "method", "awaited", "resumes", "token"};
  }
};

template <>
struct MappingTraits<TypeEntry> {
  static void mapping(IO& io, TypeEntry& entry) {
    io.mapRequired("names", entry.names);
    io.mapRequired("kind", entry.model.kind);
    io.mapOptional("recursive", entry.model.recursion);
    io.mapOptional("mode", entry.model.mode);
    io.mapOptional("tag", entry.model.tag);
    io.mapOptional("joins", entry.model.joins);
    io.mapOptional("terminates", entry.model.terminates);
    io.mapOptional("owns", entry.model.owns);
    io.mapOptional("keyed", entry.model.keyed);
    io.mapOptional("pointer", entry.model.pointer);
    io.mapOptional("upgrades", entry.model.upgrades);
    io.mapOptional("asynchronous", entry.model.asynchronous);
    io.mapOptional("ready", entry.model.ready);
    io.mapOptional("start", entry.model.start);
    io.mapOptional("dropped", entry.model.dropped);
    io.mapOptional("resumes", entry.model.resumes);
    io.mapOptional("threads", entry.model.threads);
    io.mapOptional("view", entry.model.view);
    io.mapOptional("hosted", entry.model.hosted);
    io.mapOptional("methods", entry.methods);
    YamlText::of(io).words = {"names", "kind",    "recursive", "mode",       "tag",     "joins",        "owns",
                              "keyed", "pointer", "upgrades",  "terminates", "methods", "asynchronous", "ready",
                              "start", "dropped", "resumes",   "threads",    "hosted",  "view"};
  }
};

template <>
struct ScalarEnumerationTraits<LibraryCall::InSignal> {
  static void enumeration(IO& io, LibraryCall::InSignal& value) { spell(io, value, kInSignal); }
};
template <>
struct ScalarEnumerationTraits<AccessKind> {
  static void enumeration(IO& io, AccessKind& value) { spell(io, value, kAccessKinds); }
};

template <>
struct MappingTraits<HazardEntry> {
  static void mapping(IO& io, HazardEntry& entry) {
    io.mapRequired("names", entry.names);
    io.mapOptional("shares", entry.model.states);
    io.mapOptional("access", entry.model.access);
    mapLibraries(io, "safe", entry.model.safe);
    mapPosition(io, "if-null", entry.model.ifNull);
    io.mapOptional("instead", entry.model.instead);
    io.mapOptional("in-signal", entry.model.inSignal);
    io.mapOptional("because", entry.model.because);
    YamlText::of(io).words = {"names", "shares", "access", "safe", "if-null", "instead", "in-signal", "because"};
  }
};

template <>
struct MappingTraits<ModelFile> {
  static void mapping(IO& io, ModelFile& file) {
    io.mapOptional("types", file.types);
    io.mapOptional("functions", file.functions);
    io.mapOptional("hazards", file.hazards);
    YamlText::of(io).words = {"types", "functions", "hazards"};
  }
};

}  // namespace llvm::yaml

namespace deadheat {

llvm::Expected<ModelFile> readModelFile(llvm::StringRef text, llvm::StringRef source) {
  return readYaml<ModelFile>(text, source, "not a model file (a map with `types` and `functions`)");
}

}  // namespace deadheat
