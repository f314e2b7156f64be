#include "analyzers/facts/archive.h"

#include <concepts>
#include <cstring>
#include <map>
#include <type_traits>

#include "llvm/Support/Endian.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

namespace deadheat {
namespace {

constexpr llvm::StringLiteral kMagic("DHFACTS\n");
constexpr std::size_t kFrameSize = 32;

// ---- Layout: the members of each struct, in order --------------------------------------------------------------------

template <class A> void describe(A& a, Location& x) { a(x.file, x.line, x.column); }
template <class A> void describe(A& a, Root& x) { a(x.kind, x.index, x.name, x.display); }
template <class A> void describe(A& a, PathStep& x) { a(x.kind, x.name, x.record); }
template <class A> void describe(A& a, Path& x) { a(x.root, x.steps, x.cut); }
template <class A> void describe(A& a, Value& x) { a(x.kind, x.path, x.function, x.number); }
template <class A> void describe(A& a, Access& x) { a(x.path, x.kind, x.atomicity, x.order, x.type, x.operation); }
template <class A> void describe(A& a, Acquire& x) {
  a(x.lock, x.mode, x.wait, x.holder, x.recursion, x.group, x.type);
}
template <class A> void describe(A& a, Release& x) { a(x.lock, x.mode, x.holder); }
template <class A> void describe(A& a, Callee& x) { a(x.kind, x.function, x.target, x.name, x.signature); }
template <class A> void describe(A& a, Call& x) { a(x.callee, x.receiver, x.arguments, x.result); }
template <class A> void describe(A& a, Spawn& x) { a(x.entry, x.receiver, x.arguments, x.handle, x.where, x.how); }
template <class A> void describe(A& a, Join& x) { a(x.handle); }
template <class A> void describe(A& a, Detach& x) { a(x.handle); }
template <class A> void describe(A& a, Wait& x) { a(x.condition, x.lock, x.guarded); }
template <class A> void describe(A& a, Notify& x) { a(x.condition, x.whom); }
template <class A> void describe(A& a, Block& x) { a(x.what, x.object); }
template <class A> void describe(A& a, Suspend& x) { a(x.what); }
template <class A> void describe(A& a, Assign& x) { a(x.target, x.value); }
template <class A> void describe(A& a, Compute& x) { a(x.target, x.from, x.constant); }
template <class A> void describe(A& a, Allocate& x) { a(x.object, x.type); }
template <class A> void describe(A& a, Free& x) { a(x.object); }
template <class A> void describe(A& a, Escape& x) { a(x.value); }
template <class A> void describe(A& a, Return& x) {
  a(x.value, x.from, x.truth, x.outcome, x.outcomeNegated);
}
template <class A> void describe(A& a, Branch& x) {
  a(x.depends, x.tested, x.against, x.outcome, x.outcomeNegated, x.negated, x.text);
}
template <class A> void describe(A& a, BasicBlock& x) { a(x.events, x.successors, x.branch); }
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
template <class A> void describe(A& a, Function& x) {
  a(x.id, x.name, x.record, x.signature, x.kind, x.reach, x.linkage, x.isStatic, x.isConst, x.isVirtual,
    x.addressTaken, x.overrides, x.parameters, x.location, x.contracts, x.isDeclaration, x.startsThread, x.blocks,
    x.exit, x.regions, x.owned);
}
template <class A> void describe(A& a, Record::Field& x) {
  a(x.name, x.type, x.kind, x.location, x.guards, x.order);
}
template <class A> void describe(A& a, Record& x) { a(x.name, x.bases, x.fields, x.location); }
template <class A> void describe(A& a, GlobalVariable& x) {
  a(x.name, x.display, x.type, x.isConst, x.isStaticLocal, x.location, x.guards, x.order);
}
template <class A> void describe(A& a, Diagnostic& x) { a(x.severity, x.location, x.message); }
template <class A> void describe(A& a, TuFacts& x) {
  a(x.mainFile, x.files, x.functions, x.records, x.globals, x.diagnostics, x.usedModels);
}

// ---- Writing -----------------------------------------------------------------------------------------------------------

/// Encodes values into `body_` and collects their strings, in order of first use.
class Writer {
 public:
  template <class... T>
  void operator()(T&... values) {
    (write(values), ...);
  }

  std::string payload() {
    std::string bytes;
    llvm::raw_string_ostream out(bytes);
    llvm::encodeULEB128(strings_.size(), out);
    for (const std::string* text : strings_) {
      llvm::encodeULEB128(text->size(), out);
      out << *text;
    }
    return bytes + body_;
  }

 private:
  void number(std::uint64_t value) {
    llvm::raw_string_ostream out(body_);
    llvm::encodeULEB128(value, out);
  }
  void write(std::string& text) {
    auto [entry, added] = indices_.try_emplace(text, strings_.size());
    if (added) strings_.push_back(&entry->first);
    number(entry->second);
  }
  void write(std::unsigned_integral auto& value) { number(value); }
  template <class T>
  void write(std::vector<T>& values) {
    number(values.size());
    for (T& value : values) write(value);
  }
  template <class T>
  void write(std::optional<T>& value) {
    number(value.has_value());
    if (value) write(*value);
  }
  void write(EventKind& event) {
    number(event.index());
    std::visit([this](auto& alternative) { describe(*this, alternative); }, event);
  }
  template <class T>
  void write(T& value) {
    if constexpr (std::is_enum_v<T>) {
      body_.push_back(static_cast<char>(value));
    } else {
      describe(*this, value);
    }
  }

  std::string body_;
  std::map<std::string, std::size_t> indices_;
  std::vector<const std::string*> strings_;
};

// ---- Reading -----------------------------------------------------------------------------------------------------------

/// Decodes what Writer encoded. After the first error every read gives zeros; ask ok() at the end.
class Reader {
 public:
  explicit Reader(llvm::StringRef bytes) : at_(bytes.bytes_begin()), end_(bytes.bytes_end()) { readStrings(); }

  template <class... T>
  void operator()(T&... values) {
    (read(values), ...);
  }
  bool ok() const { return ok_ && at_ == end_; }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  void fail() {
    ok_ = false;
    at_ = end_;
  }
  std::uint64_t number() {
    unsigned size = 0;
    const char* error = nullptr;
    std::uint64_t value = llvm::decodeULEB128(at_, &size, end_, &error);
    if (error) return fail(), 0;
    at_ += size;
    return value;
  }
  /// A length that the rest of the input can hold, each element taking at least a byte.
  std::size_t length() {
    std::uint64_t size = number();
    if (size > left()) return fail(), 0;
    return size;
  }
  void readStrings() {
    std::size_t count = length();
    strings_.reserve(count);
    for (std::size_t i = 0; i < count && ok_; ++i) {
      std::size_t size = length();
      strings_.emplace_back(reinterpret_cast<const char*>(at_), size);
      at_ += size;
    }
  }
  void read(std::string& text) {
    std::uint64_t index = number();
    if (index < strings_.size()) {
      text = strings_[index];
    } else {
      fail();
    }
  }
  void read(bool& value) { value = number() != 0; }
  template <std::unsigned_integral T>
  void read(T& value) {
    std::uint64_t wide = number();
    value = static_cast<T>(wide);
    if (value != wide) fail();
  }
  template <class T>
  void read(std::vector<T>& values) {
    std::size_t count = length();
    for (std::size_t i = 0; i < count && ok_; ++i) read(values.emplace_back());
  }
  template <class T>
  void read(std::optional<T>& value) {
    if (number() != 0) read(value.emplace());
  }
  void read(EventKind& event) { readAlternative<0>(event, number()); }
  template <std::size_t I>
  void readAlternative(EventKind& event, std::uint64_t index) {
    if constexpr (I == std::variant_size_v<EventKind>) {
      fail();
    } else if (index == I) {
      describe(*this, event.emplace<I>());
    } else {
      readAlternative<I + 1>(event, index);
    }
  }
  template <class T>
  void read(T& value) {
    if constexpr (std::is_enum_v<T>) {
      if (left() == 0) return fail();
      value = static_cast<T>(*at_++);
    } else {
      describe(*this, value);
    }
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::vector<std::string> strings_;
  bool ok_ = true;
};

llvm::Error unreadable(llvm::StringRef name, const llvm::Twine& why) {
  return llvm::createStringError(std::errc::invalid_argument, "%s: %s", name.str().c_str(), why.str().c_str());
}

}  // namespace

std::string writeFacts(const TuFacts& facts) {
  Writer writer;
  writer(const_cast<TuFacts&>(facts));  // describe() serves reading too; writing changes nothing
  std::string payload = writer.payload();
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
  Reader reader(payload);
  reader(facts);
  if (!reader.ok()) return unreadable(name, "corrupt facts file; extract it again");
  return facts;
}

}  // namespace deadheat
