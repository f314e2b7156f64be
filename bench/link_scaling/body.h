// Facts of one generated function, written tersely: paths as root and field names, one event a call.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "analyzers/facts/tu_facts.h"

namespace deadheat::bench {

inline Path global(const std::string& name) { return {{RootKind::Global, 0, name, name}, {}, false}; }
inline Path local(const std::string& name) { return {{RootKind::Local, 0, name, name}, {}, false}; }
inline Path allocation(const std::string& name) { return {{RootKind::Allocation, 0, name, name}, {}, false}; }
inline Path parameter(std::uint32_t index) { return {{RootKind::Parameter, index, "", "p"}, {}, false}; }
/// What parameter `index` points to.
inline Path pointee(std::uint32_t index) { return parameter(index).then(PathStep::deref()); }
/// A field of the object itself.
inline Path self(const std::string& record, const std::string& name) {
  return Path{{RootKind::This, 0, "", "this"}, {}, false}.then(PathStep::field(record, name));
}
inline Path field(Path base, const std::string& record, const std::string& name) {
  return std::move(base).then(PathStep::field(record, name));
}
inline Path deref(Path base) { return std::move(base).then(PathStep::deref()); }
inline Value thisObject() { return Value::addressOf({{RootKind::This, 0, "", "this"}, {}, false}); }

/// Writes one function. Blocks: 0 is the entry, 1 the exit.
class Body {
 public:
  Body(std::string id, Function::Kind kind, std::uint32_t file, std::uint32_t line) : file_(file), line_(line) {
    function_.id = id;
    function_.name = std::move(id);
    function_.kind = kind;
    function_.signature = "void (void *)";
    function_.location = {file, line, 1};
    function_.blocks.resize(2);
    function_.exit = 1;
    if (const auto colons = function_.name.rfind("::"); kind != Function::Kind::Free && colons != std::string::npos)
      function_.record = function_.name.substr(0, colons);
  }

  Body& takes(int parameters) {
    for (int i = 0; i < parameters; ++i) function_.parameters.push_back({"p" + std::to_string(i), "Node *"});
    return *this;
  }
  Body& hidden() {
    function_.reach = Function::Reach::Private;
    return *this;
  }
  Body& overrides(std::string id) {
    function_.isVirtual = true;
    if (!id.empty()) function_.overrides.push_back(std::move(id));
    return *this;
  }
  Body& addressTaken() {
    function_.addressTaken = true;
    return *this;
  }

  Body& read(Path path) { return access(std::move(path), AccessKind::Read); }
  Body& write(Path path) { return access(std::move(path), AccessKind::Write); }
  Body& update(Path path) { return access(std::move(path), AccessKind::ReadWrite); }
  Body& atomic(Path path) {
    return add(Access{std::move(path), AccessKind::ReadWrite, Atomicity::Atomic, MemoryOrder::AcqRel,
                      "std::atomic<long>", ""});
  }
  Body& container(Path path, AccessKind kind, std::string operation) {
    return add(Access{std::move(path), kind, {}, {}, "std::map<int, int>", std::move(operation)});
  }
  Body& guard(const std::string& name, Path lock) {
    add(Assign{guardCell(name), Value::addressOf(std::move(lock))});
    return add(Acquire{deref(guardCell(name)), {}, {}, LockHolder::Guard, Recursion::No, 0, "std::mutex"});
  }
  Body& unguard(const std::string& name) {
    return add(Release{deref(guardCell(name)), {}, LockHolder::Guard});
  }
  Body& call(const std::string& id, std::vector<Value> arguments = {}, std::optional<Value> receiver = {},
             Path result = {}) {
    return add(Call{{Callee::Kind::Direct, id, {}, id, "void (void *)"}, std::move(receiver), std::move(arguments),
                    std::move(result)});
  }
  Body& callVirtual(const std::string& id, Value receiver) {
    return add(Call{{Callee::Kind::Virtual, id, {}, id, "void (void *)"}, std::move(receiver), {}, {}});
  }
  Body& callThrough(Value target, std::vector<Value> arguments) {
    return add(Call{{Callee::Kind::Indirect, "", std::move(target), "callback", "void (void *)"}, {},
                    std::move(arguments), {}});
  }
  Body& add(EventKind event) {
    function_.blocks[current_].events.push_back({{file_, ++line_, 3}, std::move(event)});
    return *this;
  }

  Body& beginIf() { return open(newBlock(), false); }
  Body& endIf() {
    const auto [head, loop] = open_.back();
    open_.pop_back();
    const std::uint32_t last = current_;
    current_ = newBlock();
    jump(last, current_);
    jump(head, current_);
    return *this;
  }
  Body& beginLoop() {
    const std::uint32_t head = newBlock();
    jump(current_, head);
    current_ = head;
    return open(newBlock(), true);
  }
  Body& endLoop() {
    const auto [head, loop] = open_.back();
    open_.pop_back();
    jump(current_, head);
    current_ = newBlock();
    jump(head, current_);
    return *this;
  }

  Function take() {
    jump(current_, function_.exit);
    return std::move(function_);
  }

 private:
  static Path guardCell(const std::string& name) { return field(local(name), "std::lock_guard", "$lock"); }
  Body& access(Path path, AccessKind kind) { return add(Access{std::move(path), kind, {}, {}, "int", ""}); }
  std::uint32_t newBlock() {
    function_.blocks.emplace_back();
    return static_cast<std::uint32_t>(function_.blocks.size() - 1);
  }
  void jump(std::uint32_t from, std::uint32_t to) { function_.blocks[from].successors.push_back(to); }
  Body& open(std::uint32_t block, bool loop) {
    open_.emplace_back(current_, loop);
    jump(current_, block);
    current_ = block;
    return *this;
  }

  Function function_;
  std::uint32_t file_, line_, current_ = 0;
  std::vector<std::pair<std::uint32_t, bool>> open_;
};

}  // namespace deadheat::bench
