#include "analyzers/facts/archive.h"

#include <algorithm>
#include <cstring>

#include "analyzers/facts/codec.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/xxhash.h"

namespace deadheat {

// ---- Layout: the members of each struct, in order --------------------------------------------------------------------

template <class A> void describe(A& a, Location& x) { a(x.file, x.line, x.column); }
template <class A> void describe(A& a, Root& x) { a(x.kind, x.index, x.name, x.display); }
template <class A> void describe(A& a, PathStep& x) { a(x.kind, x.name, x.record); }
template <class A> void describe(A& a, Path& x) { a(x.root, x.steps, x.cut); }
template <class A> void describe(A& a, Value& x) { a(x.kind, x.path, x.function, x.number); }
template <class A> void describe(A& a, Access& x) { a(x.path, x.kind, x.atomicity, x.order, x.type, x.operation, x.foreign); }
template <class A> void describe(A& a, Acquire& x) {
  a(x.lock, x.mode, x.wait, x.holder, x.recursion, x.group, x.type, x.byTask);
}
template <class A> void describe(A& a, Release& x) { a(x.lock, x.mode, x.holder); }
template <class A> void describe(A& a, Callee& x) { a(x.kind, x.function, x.target, x.name, x.signature); }
template <class A> void describe(A& a, Call& x) { a(x.callee, x.receiver, x.arguments, x.result, x.byGuard, x.task); }
template <class A> void describe(A& a, Spawn& x) {
  a(x.entry, x.receiver, x.arguments, x.handle, x.where, x.how, x.signals, x.runs);
}
template <class A> void describe(A& a, Join& x) { a(x.handle, x.by, x.ofResult); }
template <class A> void describe(A& a, Detach& x) { a(x.handle); }
template <class A> void describe(A& a, Abandon& x) { a(x.handle, x.how); }
template <class A> void describe(A& a, ResultUse& x) { a(x.object, x.side, x.how); }
template <class A> void describe(A& a, Awaited& x) { a(x.state); }
template <class A> void describe(A& a, Wait& x) { a(x.condition, x.lock, x.guarded, x.timed, x.personal, x.predicate); }
template <class A> void describe(A& a, Notify& x) { a(x.condition, x.whom, x.inSignal); }
template <class A> void describe(A& a, Block& x) { a(x.what, x.object); }
template <class A> void describe(A& a, LibraryCall& x) {
  a(x.function, x.states, x.access, x.inSignal, x.instead, x.because);
}
template <class A> void describe(A& a, Suspend& x) { a(x.kind, x.what, x.awaited, x.type, x.resumes); }
template <class A> void describe(A& a, Resume& x) { a(x.handle, x.how); }
template <class A> void describe(A& a, Assign& x) { a(x.target, x.value); }
template <class A> void describe(A& a, Compute& x) { a(x.target, x.from, x.constant); }
template <class A> void describe(A& a, Allocate& x) { a(x.object, x.type); }
template <class A> void describe(A& a, Free& x) { a(x.object); }
template <class A> void describe(A& a, Escape& x) { a(x.value); }
template <class A> void describe(A& a, Lifetime& x) { a(x.object, x.phase, x.recursion); }
template <class A> void describe(A&, Throw&) {}
template <class A> void describe(A& a, Flag& x) { a(x.target, x.constant); }
template <class A> void describe(A& a, GuardStart& x) { a(x.guard, x.lock, x.how); }
template <class A> void describe(A& a, Return& x) {
  a(x.value, x.from, x.truth, x.outcome, x.outcomeNegated);
}
template <class A> void describe(A& a, Branch& x) {
  a(x.depends, x.tested, x.against, x.outcome, x.outcomeNegated, x.negated, x.text);
}
template <class A> void describe(A& a, BasicBlock& x) { a(x.events, x.successors, x.branch, x.unwinds); }
template <class A> void describe(A& a, Range& x) { a(x.variable, x.lower, x.upper, x.step); }
template <class A> void describe(A& a, Dependence& x) { a(x.kind, x.object); }
template <class A> void describe(A& a, Region& x) {
  a(x.kind, x.parent, x.location, x.name, x.ranges, x.fixedShare, x.keepsStep, x.repeats, x.distance, x.condition,
    x.relation, x.dependences);
}
template <class A> void describe(A& a, Sync& x) { a(x.kind, x.region, x.dependences); }
template <class A> void describe(A& a, Event& x) { a(x.location, x.what, x.region); }
template <class A> void describe(A& a, Parameter& x) { a(x.name, x.type); }
template <class A> void describe(A& a, Function::Own& x) { a(x.local, x.region); }
template <class A> void describe(A& a, Guard& x) { a(x.of, x.lock); }
template <class A> void describe(A& a, Contract& x) { a(x.kind, x.mode, x.success, x.anyMode, x.lock); }
template <class A> void describe(A& a, Contracts& x) { a(x.all, x.unchecked); }
template <class A> void describe(A& a, LockOrderPromise& x) { a(x.before, x.after); }
template <class A> void describe(A& a, Coroutine& x) { a(x.start, x.generator, x.endsItself, x.resumes, x.task, x.promise); }
template <class A> void describe(A& a, Function& x) {
  a(x.id, x.name, x.record, x.signature, x.kind, x.reach, x.linkage, x.isStatic, x.isConst, x.isVirtual,
    x.isNoexcept, x.addressTaken, x.overrides, x.parameters, x.location, x.contracts, x.isDeclaration, x.startsThread,
    x.coroutine, x.blocks, x.exit, x.regions, x.owned);
}
template <class A> void describe(A& a, Record::Field& x) {
  a(x.name, x.type, x.kind, x.location, x.guards, x.order, x.bits);
}
template <class A> void describe(A& a, Record& x) { a(x.name, x.bases, x.fields, x.location, x.isUnion); }
template <class A> void describe(A& a, GlobalVariable& x) {
  a(x.name, x.display, x.type, x.isConst, x.isStaticLocal, x.location, x.guards, x.order);
}
template <class A> void describe(A& a, Diagnostic& x) { a(x.severity, x.location, x.message); }
template <class A> void describe(A& a, TuFacts& x) {
  a(x.mainFile, x.files, x.functions, x.records, x.globals, x.diagnostics, x.usedModels);
}

namespace {

constexpr llvm::StringLiteral kMagic("DHFACTS\n");
constexpr std::size_t kFrameSize = 32;

// ---- Soundness ---------------------------------------------------------------------------------------------------------

/// Locations name files of the table, jumps go to blocks that exist.
bool isSound(const TuFacts& facts) {
  const std::size_t files = std::max<std::size_t>(facts.files.size(), 1);
  auto isPlace = [&](const Location& location) { return location.file < files; };
  auto isSoundBlock = [&](const BasicBlock& block, std::size_t blocks) {
    return llvm::all_of(block.events, [&](const Event& event) { return isPlace(event.location); }) &&
           llvm::all_of(block.successors, [&](std::uint32_t next) { return next < blocks; });
  };
  auto isSoundFunction = [&](const Function& function) {
    const std::size_t blocks = function.blocks.size();
    return isPlace(function.location) && function.exit < std::max<std::size_t>(blocks, 1) &&
           llvm::all_of(function.blocks, [&](const BasicBlock& block) { return isSoundBlock(block, blocks); });
  };
  auto isSoundRecord = [&](const Record& record) {
    return isPlace(record.location) &&
           llvm::all_of(record.fields, [&](const Record::Field& field) { return isPlace(field.location); });
  };
  auto isPlaced = [&](const auto& item) { return isPlace(item.location); };
  return llvm::all_of(facts.functions, isSoundFunction) && llvm::all_of(facts.records, isSoundRecord) &&
         llvm::all_of(facts.globals, isPlaced) && llvm::all_of(facts.diagnostics, isPlaced);
}

llvm::Error unreadable(llvm::StringRef name, const llvm::Twine& why) {
  return llvm::createStringError(std::errc::invalid_argument, "%s: %s", name.str().c_str(), why.str().c_str());
}

}  // namespace

std::string writeFacts(const TuFacts& facts) {
  Encoder encoder;
  encoder(const_cast<TuFacts&>(facts));  // describe() serves reading too; writing changes nothing
  std::string payload = encoder.bytes();
  std::string frame(kFrameSize, '\0');
  std::memcpy(frame.data(), kMagic.data(), kMagic.size());
  llvm::support::endian::write32le(frame.data() + 8, kFactsVersion);
  llvm::support::endian::write64le(frame.data() + 16, payload.size());
  llvm::support::endian::write64le(frame.data() + 24, llvm::xxh3_64bits(llvm::StringRef(payload)));
  return frame + payload;
}

llvm::Expected<TuFacts> readFacts(llvm::StringRef bytes, llvm::StringRef name) {
  using llvm::support::endian::read32le;
  using llvm::support::endian::read64le;
  if (!bytes.starts_with(kMagic.substr(0, std::min(bytes.size(), kMagic.size()))) || bytes.empty())
    return unreadable(name, "not a deadheat facts file");
  if (bytes.size() < kFrameSize) return unreadable(name, "truncated facts file; extract it again");
  if (std::uint32_t version = read32le(bytes.data() + 8); version != kFactsVersion)
    return unreadable(name, "facts of version " + llvm::Twine(version) + ", this deadheat reads version " +
                                llvm::Twine(kFactsVersion) + "; extract it again");
  llvm::StringRef payload = bytes.drop_front(kFrameSize);
  std::uint64_t size = read64le(bytes.data() + 16);
  if (payload.size() < size) return unreadable(name, "truncated facts file; extract it again");
  if (payload.size() > size || read64le(bytes.data() + 24) != llvm::xxh3_64bits(payload))
    return unreadable(name, "corrupt facts file; extract it again");
  TuFacts facts;
  Decoder decoder(payload);
  decoder(facts);
  if (!decoder.ok() || !isSound(facts)) return unreadable(name, "corrupt facts file; extract it again");
  return facts;
}

}  // namespace deadheat
