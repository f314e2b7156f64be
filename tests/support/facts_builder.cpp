#include "tests/support/facts_builder.h"

#include <algorithm>
#include <cctype>

namespace deadheat {
namespace {

/// Reads a path as facts_builder.h describes it.
class PathReader {
 public:
  PathReader(std::string_view text, const Function& function, const FactsBuilder& facts)
      : text_(text), function_(function), facts_(facts) {}

  Path read() {
    std::size_t stars = 0;
    while (take("*")) ++stars;
    Path path;
    path.root = root(word());
    while (!text_.empty()) step(path);
    for (; stars > 0; --stars) path.steps.push_back(PathStep::deref());
    return path;
  }

 private:
  bool take(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  std::string word() {
    std::size_t n = 0;
    while (n < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[n])) || text_[n] == '_' ||
                                text_[n] == ':' || text_[n] == '$')) {
      ++n;
    }
    std::string out(text_.substr(0, n));
    text_.remove_prefix(n);
    return out;
  }
  Root root(const std::string& name) const {
    if (name.starts_with("new:")) return {RootKind::Allocation, 0, name.substr(4), name.substr(4)};
    if (name.starts_with("call:")) return {RootKind::Result, 0, name.substr(5), name.substr(5)};
    if (name == "this") return {RootKind::This, 0, "", "this"};
    for (std::uint32_t i = 0; i < function_.parameters.size(); ++i) {
      if (function_.parameters[i].name == name) return {RootKind::Parameter, i, "", name};
    }
    return {facts_.isGlobal(name) ? RootKind::Global : RootKind::Local, 0, name, name};
  }
  void step(Path& path) {
    if (take("[")) {
      std::size_t close = text_.find(']');
      path.steps.push_back(PathStep::element(std::string(text_.substr(0, close))));
      text_.remove_prefix(close + 1);
    } else if (take("->")) {
      if (path.root.kind != RootKind::This || !path.steps.empty()) path.steps.push_back(PathStep::deref());
      if (!take("*")) field(path);
    } else if (take(".")) {
      field(path);
    } else {
      text_ = {};
    }
  }
  void field(Path& path) {
    std::string name = word();
    std::size_t colons = name.rfind("::");
    std::string record = colons != std::string::npos                              ? name.substr(0, colons)
                         : path.root.kind == RootKind::This && path.steps.empty() ? function_.record
                                                                                  : "S";
    if (record.empty()) record = "S";
    path.steps.push_back(PathStep::field(record, colons == std::string::npos ? name : name.substr(colons + 2)));
  }

  std::string_view text_;
  const Function& function_;
  const FactsBuilder& facts_;
};

}  // namespace

FunctionBuilder::FunctionBuilder(FactsBuilder& facts, std::string id, std::uint32_t firstLine)
    : facts_(facts), line_(firstLine) {
  function_.id = id;
  function_.name = std::move(id);
  function_.location = {1, firstLine, 1};
  function_.blocks.resize(2);
  function_.exit = 1;
}

FunctionBuilder& FunctionBuilder::parameters(std::vector<std::string> names) {
  for (std::string& name : names) function_.parameters.push_back({std::move(name), "T*"});
  return *this;
}
FunctionBuilder& FunctionBuilder::kind(Function::Kind kind) {
  function_.kind = kind;
  const std::size_t colons = function_.name.rfind("::");
  if (kind != Function::Kind::Free && colons != std::string::npos) function_.record = function_.name.substr(0, colons);
  return *this;
}
FunctionBuilder& FunctionBuilder::reach(Function::Reach reach) {
  function_.reach = reach;
  return *this;
}
FunctionBuilder& FunctionBuilder::overrides(std::string id) {
  function_.isVirtual = true;
  function_.overrides.push_back(std::move(id));
  return *this;
}

Path FunctionBuilder::path(std::string_view text) const {
  return text.empty() ? Path{} : PathReader(text, function_, facts_).read();
}
Value FunctionBuilder::at(std::string_view text) const { return Value::addressOf(path(text)); }
Value FunctionBuilder::load(std::string_view text) const { return Value::load(path(text)); }
Value FunctionBuilder::object(std::string_view text, FunctionId callOperator) const {
  return Value::object(path(text), std::move(callOperator));
}

FunctionBuilder& FunctionBuilder::add(EventKind event) {
  function_.blocks[current_].events.push_back({{1, ++line_, 3}, std::move(event), regions_.back()});
  return *this;
}

FunctionBuilder& FunctionBuilder::enter(Region region) {
  region.parent = regions_.back();
  region.location = {1, ++line_, 1};
  function_.regions.push_back(std::move(region));
  regions_.push_back(static_cast<std::uint32_t>(function_.regions.size()));
  return *this;
}
FunctionBuilder& FunctionBuilder::leaveRegion() {
  regions_.pop_back();
  return *this;
}
FunctionBuilder& FunctionBuilder::own(std::string local) {
  function_.owned.push_back({std::move(local), regions_.back()});
  return *this;
}
FunctionBuilder& FunctionBuilder::sync(Sync::Kind kind, std::uint32_t region) { return add(Sync{kind, region, {}}); }

FunctionBuilder& FunctionBuilder::read(std::string_view p) {
  return add(Access{path(p), AccessKind::Read, {}, {}, "int", ""});
}
FunctionBuilder& FunctionBuilder::write(std::string_view p) {
  return add(Access{path(p), AccessKind::Write, {}, {}, "int", ""});
}
FunctionBuilder& FunctionBuilder::update(std::string_view p) {
  return add(Access{path(p), AccessKind::ReadWrite, {}, {}, "int", ""});
}
FunctionBuilder& FunctionBuilder::atomic(AccessKind kind, MemoryOrder order, std::string_view p) {
  return add(Access{path(p), kind, Atomicity::Atomic, order, "std::atomic<int>", ""});
}
FunctionBuilder& FunctionBuilder::operation(AccessKind kind, std::string_view p, std::string method) {
  return add(Access{path(p), kind, {}, {}, "std::vector<int>", std::move(method)});
}
FunctionBuilder& FunctionBuilder::acquire(std::string_view lock, LockMode mode, LockWait wait, Recursion recursion) {
  return add(Acquire{path(lock), mode, wait, LockHolder::Hand, recursion, 0, "std::mutex"});
}
FunctionBuilder& FunctionBuilder::acquireOf(std::string type, std::string_view lock, LockWait wait) {
  return add(Acquire{path(lock), {}, wait, LockHolder::Hand, Recursion::No, 0, std::move(type)});
}
FunctionBuilder& FunctionBuilder::begins(std::string_view lock, Recursion recursion) {
  return add(Lifetime{path(lock), Lifetime::Phase::Begins, recursion});
}
FunctionBuilder& FunctionBuilder::ends(std::string_view lock) {
  return add(Lifetime{path(lock), Lifetime::Phase::Ends, Recursion::Unknown});
}
FunctionBuilder& FunctionBuilder::throws() {
  add(Throw{});
  function_.blocks[current_].successors.clear();
  current_ = newBlock();
  return *this;
}
FunctionBuilder& FunctionBuilder::guardStart(std::string_view name, std::string_view lock, GuardStart::How how) {
  Path field = path(name).then(PathStep::field("", "$lock"));
  if (lock.empty()) return add(GuardStart{path(name), {}, how});
  add(Assign{field, Value::addressOf(path(lock))});
  return add(GuardStart{path(name), field.then(PathStep::deref()), how});
}
FunctionBuilder& FunctionBuilder::flag(std::string_view variable, std::string constant) {
  return add(Flag{path(variable), std::move(constant)});
}
FunctionBuilder& FunctionBuilder::acquireGroup(std::vector<std::string> locks) {
  for (const std::string& lock : locks) {
    add(Acquire{path(lock), {}, {}, LockHolder::Guard, Recursion::No, line_ - line_ % 100 + 7, "std::mutex"});
  }
  return *this;
}
FunctionBuilder& FunctionBuilder::passOnce(std::string_view flag, std::string callee) {
  add(Acquire{path(flag), {}, {}, {}, {}, 0, "std::once_flag"});
  call(std::move(callee));
  return add(Release{path(flag), {}, {}});
}
FunctionBuilder& FunctionBuilder::release(std::string_view lock, LockMode mode) {
  return add(Release{path(lock), mode, LockHolder::Hand});
}
FunctionBuilder& FunctionBuilder::guard(std::string_view name, std::string_view lock) {
  const Path cell = path(name).then(PathStep::field("std::lock_guard", "$lock"));
  add(Assign{cell, Value::addressOf(path(lock))});
  return add(Acquire{Path(cell).then(PathStep::deref()), {}, {}, LockHolder::Guard, Recursion::No, 0, "std::mutex"});
}
FunctionBuilder& FunctionBuilder::unguard(std::string_view name) {
  const Path cell = path(name).then(PathStep::field("std::lock_guard", "$lock"));
  return add(Release{Path(cell).then(PathStep::deref()), {}, LockHolder::Guard});
}

FunctionBuilder& FunctionBuilder::call(std::string id, std::vector<Value> arguments, std::optional<Value> receiver,
                                       std::string_view result) {
  return add(Call{{Callee::Kind::Direct, id, {}, id, ""}, std::move(receiver), std::move(arguments), path(result), false});
}
FunctionBuilder& FunctionBuilder::callVirtual(std::string id, Value receiver) {
  return add(Call{{Callee::Kind::Virtual, id, {}, id, ""}, std::move(receiver), {}, {}, false});
}
FunctionBuilder& FunctionBuilder::callThrough(Value target, std::vector<Value> arguments) {
  return add(Call{{Callee::Kind::Indirect, "", std::move(target), "f", "void ()"}, {}, std::move(arguments), {}, false});
}
FunctionBuilder& FunctionBuilder::coroutine(Coroutine::Start start, bool endsItself) {
  function_.coroutine = Coroutine{start, false, endsItself, Resumption::Unknown, "Task", "Task::promise_type"};
  return *this;
}
FunctionBuilder& FunctionBuilder::suspend(Resumption resumes, Suspend::Kind kind) {
  static constexpr const char* kWords[] = {"co_await", "co_yield", "initial_suspend", "final_suspend", "yield"};
  return add(Suspend{kind, kWords[static_cast<unsigned>(kind)], {}, "Timer", resumes});
}
FunctionBuilder& FunctionBuilder::makeTask(std::string id, std::string_view handle, std::vector<Value> arguments,
                                           std::optional<Value> receiver) {
  Call call{{Callee::Kind::Direct, id, {}, id, ""}, std::move(receiver), std::move(arguments),
            handle.empty() ? Path{} : path(handle)};
  call.task = Call::Task::Kept;
  return add(std::move(call));
}
FunctionBuilder& FunctionBuilder::await(std::string_view handle) {
  add(Suspend{Suspend::Kind::Await, "co_await", path(handle), "Task", Resumption::Unknown});
  return add(Join{path(handle), Join::By::Await});
}
FunctionBuilder& FunctionBuilder::spawn(std::string entry, std::string_view handle, std::vector<Value> arguments,
                                        std::optional<Value> receiver) {
  return add(Spawn{{Callee::Kind::Direct, entry, {}, entry, ""},
                   std::move(receiver),
                   std::move(arguments),
                   path(handle),
                   SpawnWhere::Thread,
                   "std::thread"});
}
FunctionBuilder& FunctionBuilder::spawnThrough(Value target, std::string_view handle, std::vector<Value> arguments) {
  return add(Spawn{{Callee::Kind::Indirect, "", std::move(target), "f", "void ()"},
                   {},
                   std::move(arguments),
                   path(handle),
                   SpawnWhere::Thread,
                   "std::thread"});
}
FunctionBuilder& FunctionBuilder::join(std::string_view handle) { return add(Join{path(handle)}); }
FunctionBuilder& FunctionBuilder::detach(std::string_view handle) { return add(Detach{path(handle)}); }
FunctionBuilder& FunctionBuilder::wait(std::string_view condition, std::string_view lock) {
  return add(Wait{path(condition), path(lock), Wait::Guarded::Loop});
}
FunctionBuilder& FunctionBuilder::awaits(std::string_view condition, std::string_view lock, std::string_view state,
                                         std::string predicate) {
  add(Awaited{path(state)});
  --line_;  // the same place as the wait's
  return add(Wait{path(condition), path(lock), Wait::Guarded::Predicate, false, false, std::move(predicate)});
}
FunctionBuilder& FunctionBuilder::notify(std::string_view condition) { return add(Notify{path(condition), {}}); }
FunctionBuilder& FunctionBuilder::block(std::string what) { return add(Block{std::move(what), {}}); }
FunctionBuilder& FunctionBuilder::compute(std::string_view target, std::vector<std::string> from) {
  Compute event{path(target), {}};
  for (const std::string& source : from) event.from.push_back(path(source));
  return add(std::move(event));
}
FunctionBuilder& FunctionBuilder::assign(std::string_view target, Value value) {
  return add(Assign{path(target), std::move(value)});
}
FunctionBuilder& FunctionBuilder::allocate(std::string_view object, std::string type) {
  return add(Allocate{path(object), std::move(type)});
}
FunctionBuilder& FunctionBuilder::free(std::string_view object) { return add(Free{path(object)}); }
FunctionBuilder& FunctionBuilder::escape(Value value) { return add(Escape{std::move(value)}); }
FunctionBuilder& FunctionBuilder::returns(Value value) { return add(Return{std::move(value)}); }
FunctionBuilder& FunctionBuilder::returnsTruth(bool truth) {
  Return event{Value::constant()};
  event.truth = truth ? Return::Truth::True : Return::Truth::False;
  return add(std::move(event));
}
FunctionBuilder& FunctionBuilder::returnsOutcome(std::string_view result) {
  Return event{Value::constant()};
  event.outcome = path(result);
  return add(std::move(event));
}
FunctionBuilder& FunctionBuilder::computeConstant(std::string_view target, std::string constant) {
  return add(Compute{path(target), {}, std::move(constant)});
}
FunctionBuilder& FunctionBuilder::contract(Contract::Kind kind, std::string_view lock, LockMode mode) {
  Contract contract;
  contract.kind = kind;
  contract.mode = mode;
  contract.lock = path(lock);
  function_.contracts.all.push_back(std::move(contract));
  return *this;
}
FunctionBuilder& FunctionBuilder::unchecked() {
  function_.contracts.unchecked = true;
  return *this;
}

std::uint32_t FunctionBuilder::newBlock() {
  function_.blocks.emplace_back();
  return static_cast<std::uint32_t>(function_.blocks.size() - 1);
}
void FunctionBuilder::jump(std::uint32_t from, std::uint32_t to) { function_.blocks[from].successors.push_back(to); }

FunctionBuilder& FunctionBuilder::beginIf() {
  const std::uint32_t head = current_;
  current_ = newBlock();
  jump(head, current_);
  open_.push_back({head, 0, false, false});
  return *this;
}
FunctionBuilder& FunctionBuilder::beginIfSet(std::string_view tested) {
  Branch branch;
  branch.tested = path(tested);
  branch.depends = {branch.tested};
  branch.text = std::string(tested);
  function_.blocks[current_].branch = std::move(branch);
  return beginIf();
}
FunctionBuilder& FunctionBuilder::beginIfReturned(std::string_view result) {
  Branch branch;
  branch.outcome = path(result);
  branch.depends = {branch.outcome};
  branch.text = std::string(result);
  function_.blocks[current_].branch = std::move(branch);
  return beginIf();
}
FunctionBuilder& FunctionBuilder::orElse() {
  Open& open = open_.back();
  open.otherwise = current_;
  open.hasElse = true;
  current_ = newBlock();
  jump(open.head, current_);
  return *this;
}
FunctionBuilder& FunctionBuilder::endIf() {
  const Open open = open_.back();
  open_.pop_back();
  const std::uint32_t last = current_;
  current_ = newBlock();
  jump(last, current_);
  jump(open.hasElse ? open.otherwise : open.head, current_);
  return *this;
}
FunctionBuilder& FunctionBuilder::beginLoop() {
  const std::uint32_t before = current_, head = newBlock(), body = newBlock();
  jump(before, head);
  jump(head, body);
  open_.push_back({head, 0, false, true});
  current_ = body;
  return *this;
}
FunctionBuilder& FunctionBuilder::endLoop() {
  const Open open = open_.back();
  open_.pop_back();
  jump(current_, open.head);
  current_ = newBlock();
  jump(open.head, current_);
  return *this;
}
FunctionBuilder& FunctionBuilder::leave() {
  jump(current_, function_.exit);
  current_ = newBlock();
  return *this;
}

Function FunctionBuilder::build() const {
  Function out = function_;
  out.blocks[current_].successors.push_back(out.exit);
  return out;
}

FactsBuilder::FactsBuilder(std::string mainFile) : mainFile_(std::move(mainFile)) {}

FactsBuilder& FactsBuilder::global(std::string name, bool isConst) {
  globals_.push_back({name, name, "int", isConst, false, {}});
  return *this;
}
FactsBuilder& FactsBuilder::record(std::string name, std::vector<Record::Field> fields,
                                   std::vector<std::string> bases) {
  records_.push_back({std::move(name), std::move(bases), std::move(fields), {}});
  return *this;
}

FunctionBuilder& FactsBuilder::add(std::string id, Function::Kind kind) {
  auto line = static_cast<std::uint32_t>(functions_.size() + 1) * 100;
  FunctionBuilder& out = functions_.emplace_back(*this, std::move(id), line);
  out.kind(kind);
  return out;
}
FunctionBuilder& FactsBuilder::function(std::string name) { return add(std::move(name), Function::Kind::Free); }
FunctionBuilder& FactsBuilder::method(std::string name) { return add(std::move(name), Function::Kind::Method); }
FunctionBuilder& FactsBuilder::constructor(std::string record) {
  return add(record + "::" + record, Function::Kind::Constructor);
}
FunctionBuilder& FactsBuilder::destructor(std::string record) {
  return add(record + "::~" + record, Function::Kind::Destructor);
}

bool FactsBuilder::isGlobal(std::string_view name) const {
  return std::any_of(globals_.begin(), globals_.end(), [&](const GlobalVariable& g) { return g.name == name; });
}

TuFacts FactsBuilder::build() const {
  TuFacts facts;
  facts.mainFile = mainFile_;
  facts.files = {"", mainFile_};
  for (const FunctionBuilder& f : functions_) facts.functions.push_back(f.build());
  std::sort(facts.functions.begin(), facts.functions.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  facts.records = records_;
  facts.globals = globals_;
  return facts;
}

Program FactsBuilder::link() const {
  std::vector<TuFacts> units;
  units.push_back(build());
  return deadheat::link(std::move(units));
}

Record::Field field(std::string name, Record::Field::Kind kind) { return {std::move(name), "T", kind, {}}; }

}  // namespace deadheat
