// The spelling of the model vocabulary: one line a word.
#include "analyzers/models/vocabulary.h"

namespace llvm::yaml {

using namespace deadheat;

namespace {

/// Reads an argument position: a number from 0, `this` or `result`.
bool mapPosition(IO& io, const char* key, int& position) {
  std::string text;
  io.mapOptional(key, text);
  if (text.empty()) return false;
  if (text == "this") {
    position = FunctionModel::kThis;
  } else if (text == "result") {
    position = FunctionModel::kResult;
  } else if (StringRef(text).getAsInteger(10, position) || position < 0) {
    io.setError(std::string("'") + key + "' is an argument number, `this` or `result`");
  }
  return true;
}

}  // namespace

void ScalarEnumerationTraits<TypeKind>::enumeration(IO& io, TypeKind& value) {
  io.enumCase(value, "lock", TypeKind::Lock);
  io.enumCase(value, "guard", TypeKind::Guard);
  io.enumCase(value, "condition", TypeKind::Condition);
  io.enumCase(value, "thread", TypeKind::Thread);
  io.enumCase(value, "future", TypeKind::Future);
  io.enumCase(value, "container", TypeKind::Container);
  io.enumCase(value, "smart-pointer", TypeKind::SmartPointer);
  io.enumCase(value, "iterator", TypeKind::Iterator);
  io.enumCase(value, "atomic", TypeKind::Atomic);
  io.enumCase(value, "once", TypeKind::Once);
  io.enumCase(value, "callable", TypeKind::Callable);
  io.enumCase(value, "tag", TypeKind::Tag);
  io.enumCase(value, "plain", TypeKind::Plain);
  io.enumCase(value, "synchronized", TypeKind::Synchronized);
}

void ScalarEnumerationTraits<Effect>::enumeration(IO& io, Effect& value) {
  io.enumCase(value, "nothing", Effect::Nothing);
  io.enumCase(value, "acquire", Effect::Acquire);
  io.enumCase(value, "release", Effect::Release);
  io.enumCase(value, "try", Effect::Try);
  io.enumCase(value, "acquire-all", Effect::AcquireAll);
  io.enumCase(value, "try-all", Effect::TryAll);
  io.enumCase(value, "disown", Effect::Disown);
  io.enumCase(value, "owns", Effect::Owns);
  io.enumCase(value, "wait", Effect::Wait);
  io.enumCase(value, "notify-one", Effect::NotifyOne);
  io.enumCase(value, "notify-all", Effect::NotifyAll);
  io.enumCase(value, "spawn", Effect::Spawn);
  io.enumCase(value, "join", Effect::Join);
  io.enumCase(value, "detach", Effect::Detach);
  io.enumCase(value, "block", Effect::Block);
  io.enumCase(value, "once", Effect::Once);
  io.enumCase(value, "invoke", Effect::Invoke);
  io.enumCase(value, "bind", Effect::Bind);
  io.enumCase(value, "ref", Effect::Ref);
  io.enumCase(value, "forward", Effect::Forward);
  io.enumCase(value, "allocate", Effect::Allocate);
  io.enumCase(value, "reallocate", Effect::Reallocate);
  io.enumCase(value, "fill", Effect::Fill);
  io.enumCase(value, "free", Effect::Free);
  io.enumCase(value, "make", Effect::Make);
  io.enumCase(value, "read", Effect::Read);
  io.enumCase(value, "write", Effect::Write);
  io.enumCase(value, "copy", Effect::Copy);
  io.enumCase(value, "element", Effect::Element);
  io.enumCase(value, "grow", Effect::Grow);
  io.enumCase(value, "mapped", Effect::Mapped);
  io.enumCase(value, "iterate", Effect::Iterate);
  io.enumCase(value, "insert", Effect::Insert);
  io.enumCase(value, "emplace", Effect::Emplace);
  io.enumCase(value, "get", Effect::Get);
  io.enumCase(value, "reset", Effect::Reset);
  io.enumCase(value, "load", Effect::Load);
  io.enumCase(value, "store", Effect::Store);
  io.enumCase(value, "exchange", Effect::Exchange);
  io.enumCase(value, "fence", Effect::Fence);
  io.enumCase(value, "suspend", Effect::Suspend);
}

void ScalarEnumerationTraits<Recursion>::enumeration(IO& io, Recursion& value) {
  io.enumCase(value, "no", Recursion::No);
  io.enumCase(value, "yes", Recursion::Yes);
  io.enumCase(value, "unknown", Recursion::Unknown);
}

void ScalarEnumerationTraits<LockMode>::enumeration(IO& io, LockMode& value) {
  io.enumCase(value, "exclusive", LockMode::Exclusive);
  io.enumCase(value, "shared", LockMode::Shared);
}

void ScalarEnumerationTraits<LockWait>::enumeration(IO& io, LockWait& value) {
  io.enumCase(value, "blocking", LockWait::Blocking);
  io.enumCase(value, "try", LockWait::Try);
  io.enumCase(value, "timed", LockWait::Timed);
}

void ScalarEnumerationTraits<Success>::enumeration(IO& io, Success& value) {
  io.enumCase(value, "true", Success::True);
  io.enumCase(value, "zero", Success::Zero);
  io.enumCase(value, "minus-one", Success::MinusOne);
}

void ScalarEnumerationTraits<GuardTag>::enumeration(IO& io, GuardTag& value) {
  io.enumCase(value, "none", GuardTag::None);
  io.enumCase(value, "adopt", GuardTag::Adopt);
  io.enumCase(value, "defer", GuardTag::Defer);
  io.enumCase(value, "try", GuardTag::Try);
}

void ScalarEnumerationTraits<SpawnWhere>::enumeration(IO& io, SpawnWhere& value) {
  io.enumCase(value, "thread", SpawnWhere::Thread);
  io.enumCase(value, "async", SpawnWhere::Async);
  io.enumCase(value, "pool", SpawnWhere::Pool);
  io.enumCase(value, "fiber", SpawnWhere::Fiber);
  io.enumCase(value, "task", SpawnWhere::Task);
  io.enumCase(value, "open-mp", SpawnWhere::OpenMp);
  io.enumCase(value, "signal-handler", SpawnWhere::SignalHandler);
}

void MappingTraits<FunctionEntry>::mapping(IO& io, FunctionEntry& entry) {
  io.mapRequired("names", entry.names);
  io.mapRequired("effect", entry.model.effect);
  entry.objectSaid = mapPosition(io, "object", entry.model.object);
  mapPosition(io, "lock", entry.model.lock);
  mapPosition(io, "predicate", entry.model.predicate);
  mapPosition(io, "entry", entry.model.entry);
  mapPosition(io, "bound", entry.model.bound);
  mapPosition(io, "handle", entry.model.handle);
  io.mapOptional("mode", entry.model.mode);
  io.mapOptional("wait", entry.model.wait);
  io.mapOptional("success", entry.model.success);
  io.mapOptional("where", entry.model.where);
  io.mapOptional("what", entry.model.what);
}

void MappingTraits<TypeEntry>::mapping(IO& io, TypeEntry& entry) {
  io.mapRequired("names", entry.names);
  io.mapRequired("kind", entry.model.kind);
  io.mapOptional("recursive", entry.model.recursion);
  io.mapOptional("mode", entry.model.mode);
  io.mapOptional("tag", entry.model.tag);
  io.mapOptional("joins", entry.model.joins);
  io.mapOptional("owns", entry.model.owns);
  io.mapOptional("keyed", entry.model.keyed);
  io.mapOptional("methods", entry.methods);
}

void MappingTraits<ModelFile>::mapping(IO& io, ModelFile& file) {
  io.mapOptional("types", file.types);
  io.mapOptional("functions", file.functions);
}

}  // namespace llvm::yaml
