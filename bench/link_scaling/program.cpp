#include "bench/link_scaling/program.h"

#include <algorithm>
#include <random>

#include "bench/link_scaling/body.h"

namespace deadheat::bench {
namespace {

constexpr std::uint32_t kFunctionsOfModule = 75;
constexpr std::uint32_t kModulesPerHeader = 8;
constexpr std::uint32_t kInlinesOfHeader = 12;
constexpr std::uint32_t kFree = 44;       ///< Free functions of a module.
constexpr std::uint32_t kFamily = 32;     ///< Modules that implement one interface.
constexpr std::uint32_t kFanOut = 12;     ///< Modules that one module starts.

using Kind = Function::Kind;

std::string moduleName(std::uint32_t m) { return "m" + std::to_string(m); }
std::string storeOf(std::uint32_t m) { return moduleName(m) + "::Store"; }
std::string workerOf(std::uint32_t m) { return moduleName(m) + "::Worker"; }
std::string freeOf(std::uint32_t m, std::uint32_t f) { return moduleName(m) + "::step" + std::to_string(f); }
std::string startOf(std::uint32_t m) { return moduleName(m) + "::start"; }
std::string handlerOf(std::uint32_t family) { return "Handler" + std::to_string(family); }
std::string inlineOf(std::uint32_t header, std::uint32_t f) {
  return "h" + std::to_string(header) + "::inline" + std::to_string(f);
}
bool hasWorker(std::uint32_t m) { return m % 10 == 3; }

/// One module's facts.
class Module {
 public:
  Module(std::uint32_t module, std::uint32_t modules)
      : m_(module), modules_(modules), name_(moduleName(module)), store_(storeOf(module)), random_(module * 7919u + 1) {
    facts_.mainFile = "/src/" + name_ + ".cpp";
    facts_.files = {"", facts_.mainFile, "/src/" + name_ + ".h"};
  }

  TuFacts take() && {
    headers();
    globals();
    store();
    if (hasWorker(m_)) worker();
    handlers();
    parser();
    callbacks();
    layers();
    entry();
    if (m_ == 0) mainFunction();
    std::sort(facts_.functions.begin(), facts_.functions.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    std::sort(facts_.records.begin(), facts_.records.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    std::sort(facts_.globals.begin(), facts_.globals.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return std::move(facts_);
  }

 private:
  std::uint32_t draw(std::uint32_t below) { return below == 0 ? 0 : static_cast<std::uint32_t>(random_() % below); }
  bool oneIn(std::uint32_t n) { return draw(n) == 0; }
  /// An older module: usually a neighbour, sometimes any.
  std::uint32_t older() { return oneIn(4) ? draw(m_) : m_ - std::min(m_, 1 + draw(16)); }

  Body body(std::string id, Kind kind, std::uint32_t file = 1) { return Body(std::move(id), kind, file, line_ += 40); }
  void done(Body& body) { facts_.functions.push_back(body.take()); }
  Body method(const std::string& record, const std::string& name) { return body(record + "::" + name, Kind::Method); }

  void record(std::string name, std::vector<std::pair<std::string, Record::Field::Kind>> fields,
              std::vector<std::string> bases = {}) {
    Record out;
    out.name = std::move(name);
    out.bases = std::move(bases);
    for (auto& [field, kind] : fields) out.fields.push_back({field, "T", kind, {2, 1, 1}});
    facts_.records.push_back(std::move(out));
  }
  void variable(const std::string& name) { facts_.globals.push_back({name, name, "T", false, false, {1, 1, 1}}); }

  /// Inline functions: those of the module's own header, of the first one, which everybody has, and of a few others.
  void headers() {
    const std::uint32_t own = m_ / kModulesPerHeader;
    std::vector<std::uint32_t> headers{0, own};
    for (int i = 0; i < 3; ++i) headers.push_back(draw(own + 1));
    std::sort(headers.begin(), headers.end());
    headers.erase(std::unique(headers.begin(), headers.end()), headers.end());
    headers_ = headers;
    for (std::uint32_t h : headers) {
      facts_.files.push_back("/src/h" + std::to_string(h) + ".h");
      const auto file = static_cast<std::uint32_t>(facts_.files.size() - 1);
      for (std::uint32_t f = 0; f < kInlinesOfHeader; ++f) inlineFunction(h, f, file);
    }
  }
  void inlineFunction(std::uint32_t h, std::uint32_t f, std::uint32_t file) {
    Body out(inlineOf(h, f), Kind::Free, file, 20 * f + 1);
    out.takes(2).read(field(pointee(0), "Node", "size"));
    if (f % 3 == 0) out.write(field(pointee(0), "Node", "size"));
    if (f > 0) out.call(inlineOf(h, f / 2), {Value::load(parameter(0)), Value::load(parameter(1))});
    if (f % 4 == 1) out.read(field(deref(field(pointee(1), "Node", "next")), "Node", "value"));
    done(out);
  }
  std::string anyInline() { return inlineOf(headers_[draw(static_cast<std::uint32_t>(headers_.size()))], draw(kInlinesOfHeader)); }

  void globals() {
    for (const char* name : {"::count", "::table", "::table_mu", "::state", "::instance"}) variable(name_ + name);
    for (const char* name : {"g_config", "g_registry", "g_registry_mu", "g_requests"}) variable(name);
    record("Config", {{"level", Record::Field::Kind::Plain}, {"path", Record::Field::Kind::Plain}});
    record("Node", {{"size", Record::Field::Kind::Plain}, {"value", Record::Field::Kind::Plain},
                    {"next", Record::Field::Kind::Plain}, {"flags", Record::Field::Kind::Plain}});
  }

  Path own(const char* name) const { return self(store_, name); }

  /// A class with a lock of its own, used rightly nearly everywhere.
  void store() {
    record(store_, {{"mu", Record::Field::Kind::Lock}, {"map", Record::Field::Kind::Container},
                    {"size", Record::Field::Kind::Plain}, {"hits", Record::Field::Kind::Plain},
                    {"limit", Record::Field::Kind::Plain}, {"next", Record::Field::Kind::Plain},
                    {"listener", Record::Field::Kind::Plain}});
    Body make = body(store_ + "::Store", Kind::Constructor);
    done(make.takes(1).write(own("size")).write(own("hits")).write(own("limit")).add(Assign{own("next"), Value::load(parameter(0))}).write(own("next")));
    Body end = body(store_ + "::~Store", Kind::Destructor);
    done(end.call(store_ + "::clearLocked", {}, thisObject()));
    Body get = method(store_, "get");
    done(get.takes(1).guard("g", own("mu")).container(own("map"), AccessKind::Read, "std::map::find").update(own("hits"))
             .call(store_ + "::touchLocked", {Value::load(parameter(0))}, thisObject()).unguard("g"));
    Body put = method(store_, "put");
    put.takes(1).read(own("limit")).guard("g", own("mu")).container(own("map"), AccessKind::Write, "std::map::operator[]")
        .update(own("size")).beginIf().call(store_ + "::evictLocked", {}, thisObject()).endIf().unguard("g");
    done(put.call(anyInline(), {Value::load(parameter(0)), Value::load(parameter(0))}));
    for (const char* name : {"evictLocked", "touchLocked", "clearLocked"}) {
      Body locked = method(store_, name);
      done(locked.hidden().takes(1).container(own("map"), AccessKind::Write, "std::map::erase").update(own("size")).read(own("limit")));
    }
    Body size = method(store_, "size");
    if (m_ % 61 == 7)
      size.read(own("size"));
    else
      size.guard("g", own("mu")).read(own("size")).unguard("g");
    done(size);
    for (int i = 0; i < 4; ++i) storeVariant(i);
    forward();
    Body listen = method(store_, "listen");
    done(listen.takes(1).guard("g", own("mu")).add(Assign{own("listener"), Value::load(parameter(0))}).write(own("listener")).unguard("g"));
    Body tell = method(store_, "tell");
    done(tell.guard("g", own("mu")).read(own("hits")).unguard("g").callThrough(Value::load(own("listener")), {}));
  }
  void storeVariant(int i) {
    Body out = method(store_, "visit" + std::to_string(i));
    out.takes(1).guard("g", own("mu")).beginLoop().container(own("map"), AccessKind::Read, "std::map::begin")
        .read(field(pointee(0), "Node", "value")).call(anyInline(), {Value::load(parameter(0)), Value::load(parameter(0))})
        .update(own("hits")).endLoop().unguard("g");
    done(out.call(store_ + "::get", {Value::load(parameter(0))}, thisObject()));
  }
  /// Calls the store of another module under the own lock: newer before older, but for a few.
  void forward() {
    Body out = method(store_, "forward");
    const std::uint32_t other = m_ % 101 == 50 ? std::min(m_ + 1, modules_ - 1) : older();
    out.takes(1).guard("g", own("mu")).read(own("next"));
    if (other != m_) out.call(storeOf(other) + "::put", {Value::load(parameter(0))}, Value::load(own("next")));
    done(out.update(own("hits")).unguard("g"));
  }

  /// A thread with a queue, started by the constructor and joined by the destructor.
  void worker() {
    const std::string w = workerOf(m_);
    auto mine = [&](const char* name) { return self(w, name); };
    record(w, {{"mu", Record::Field::Kind::Lock}, {"cv", Record::Field::Kind::Condition},
               {"queue", Record::Field::Kind::Container}, {"stop", Record::Field::Kind::Plain},
               {"done", Record::Field::Kind::Plain}, {"thread", Record::Field::Kind::Thread}});
    Body make = body(w + "::Worker", Kind::Constructor);
    done(make.write(mine("stop")).write(mine("done")).add(Spawn{{Callee::Kind::Direct, w + "::run", {}, w + "::run", ""}, thisObject(), {}, mine("thread"), SpawnWhere::Thread, "std::thread"}));
    Body end = body(w + "::~Worker", Kind::Destructor);
    done(end.guard("g", mine("mu")).write(mine("stop")).unguard("g").add(Notify{mine("cv"), Notify::Whom::All}).add(Join{mine("thread")}));
    Body run = method(w, "run");
    run.hidden().guard("g", mine("mu")).beginLoop().read(mine("stop")).add(Wait{mine("cv"), mine("mu"), Wait::Guarded::Loop})
        .container(mine("queue"), AccessKind::Write, "std::deque::pop_front").endLoop().unguard("g")
        .call(freeOf(m_, kFree - 1), {Value::addressOf(local("job"))}).call(store_ + "::get", {Value::addressOf(local("job"))}, Value::addressOf(global(name_ + "::instance")));
    done(run.update(mine("done")));
    Body post = method(w, "post");
    done(post.takes(1).guard("g", mine("mu")).container(mine("queue"), AccessKind::Write, "std::deque::push_back").unguard("g").add(Notify{mine("cv"), Notify::Whom::One}));
    Body finished = method(w, "finished");
    done(finished.guard("g", mine("mu")).read(mine("done")).unguard("g"));
  }

  /// One implementation of the family's interface, and from one module in sixteen one of the program's.
  void handlers() {
    for (const std::string& base : {handlerOf(m_ / kFamily), std::string("Handler")}) {
      if (base == "Handler" && m_ % 16 != 5) continue;
      record(base, {{"id", Record::Field::Kind::Plain}});
      const std::string derived = name_ + "::" + base + "Impl";
      record(derived, {{"calls", Record::Field::Kind::Plain}}, {base});
      Body handle = method(derived, "handle");
      done(handle.overrides(base + "::handle").update(self(derived, "calls")).read(self(base, "id"))
               .call(freeOf(m_, 3), {Value::addressOf(local("request"))}));
    }
    for (const std::string& base : {handlerOf(m_ / kFamily), std::string("Handler")}) {
      Body dispatch = body(name_ + "::dispatch" + (base == "Handler" ? "All" : "Own"), Kind::Free);
      done(dispatch.takes(1).read(field(pointee(0), base, "id")).callVirtual(base + "::handle", Value::load(parameter(0))));
    }
  }

  /// Functions that call each other in a circle: three, in one module of fifty a dozen.
  void parser() {
    const std::uint32_t size = m_ % 50 == 20 ? 12 : 3;
    for (std::uint32_t i = 0; i < size; ++i) {
      Body out = body(name_ + "::parse" + std::to_string(i), Kind::Free);
      out.takes(2).read(field(pointee(0), "Node", "value")).beginIf()
          .call(name_ + "::parse" + std::to_string((i + 1) % size), {Value::load(parameter(0)), Value::load(field(pointee(1), "Node", "next"))}).endIf();
      done(out.write(field(pointee(1), "Node", "flags")).call(anyInline(), {Value::load(parameter(1)), Value::load(parameter(0))}));
    }
  }

  void callbacks() {
    Body each = body(name_ + "::each", Kind::Free);
    done(each.takes(2).beginLoop().read(field(pointee(1), "Node", "next")).callThrough(Value::load(parameter(0)), {Value::load(parameter(1))}).endLoop());
    for (int i = 0; i < 3; ++i) {
      Body on = body(name_ + "::on" + std::to_string(i), Kind::Free);
      done(on.takes(1).addressTaken().write(field(pointee(0), "Node", "value")).atomic(global(name_ + "::count")));
      Body walk = body(name_ + "::walk" + std::to_string(i), Kind::Free);
      done(walk.takes(1).call(name_ + "::each", {Value::functionRef(name_ + "::on" + std::to_string(i)), Value::load(parameter(0))}));
    }
  }

  /// Free functions: each calls some before it and, now and then, one of an older module.
  void layers() {
    for (std::uint32_t f = 0; f < kFree; ++f) {
      Body out = body(freeOf(m_, f), Kind::Free);
      out.takes(2).read(field(pointee(0), "Node", "value"));
      if (f % 2 == 0) out.write(field(pointee(0), "Node", "flags"));
      if (f % 5 == 0) out.read(field(global("g_config"), "Config", "level"));
      if (f % 7 == 0) out.atomic(global("g_requests"));
      if (f % 8 == 0) out.guard("g", global(name_ + "::table_mu")).container(global(name_ + "::table"), AccessKind::Write, "std::map::insert").unguard("g");
      if (f % 11 == 0) out.update(global(name_ + "::state"));
      out.call(anyInline(), {Value::load(parameter(0)), Value::addressOf(local("scratch"))}).beginIf();
      for (std::uint32_t i = 0, n = std::min(f, 1 + draw(3)); i < n; ++i)
        out.call(freeOf(m_, draw(f)), {oneIn(3) ? Value::addressOf(local("scratch")) : Value::load(parameter(0)), Value::load(field(pointee(1), "Node", "next"))});
      out.endIf();
      if (m_ > 0 && f % 6 == 1) out.call(freeOf(older(), f - draw(f)), {Value::load(parameter(0)), Value::load(parameter(1))});
      if (f % 9 == 2) out.call(store_ + "::put", {Value::load(parameter(0))}, Value::addressOf(global(name_ + "::instance")));
      if (f % 13 == 4) out.call(name_ + "::parse0", {Value::load(parameter(0)), Value::load(parameter(1))});
      if (f % 13 == 6) out.call(name_ + "::walk" + std::to_string(f % 3), {Value::load(parameter(0))});
      if (f % 21 == 8) out.call(name_ + "::dispatchOwn", {Value::load(parameter(0))}).call(name_ + "::dispatchAll", {Value::load(parameter(0))});
      if (f % 17 == 5 && m_ > 0) out.call(storeOf(older()) + "::get", {Value::load(parameter(0))}, Value::load(field(pointee(0), "Node", "next")));
      done(out.read(field(pointee(1), "Node", "size")));
    }
  }

  /// What starts the module and those it is in charge of, and what other threads run.
  void entry() {
    Body start = body(startOf(m_), Kind::Free);
    start.call(store_ + "::Store", {Value::addressOf(global(name_ + "::instance"))}, Value::addressOf(global(name_ + "::instance")))
        .guard("g", global("g_registry_mu")).container(global("g_registry"), AccessKind::Write, "std::vector::push_back").unguard("g");
    for (std::uint32_t i = 1; i <= kFanOut && m_ * kFanOut + i < modules_; ++i) start.call(startOf(m_ * kFanOut + i));
    if (hasWorker(m_)) {
      start.add(Allocate{allocation("worker"), workerOf(m_)}).call(workerOf(m_) + "::Worker", {}, Value::addressOf(allocation("worker")))
          .call(workerOf(m_) + "::post", {Value::unknown()}, Value::addressOf(allocation("worker")));
    }
    done(start.call(store_ + "::forward", {Value::addressOf(local("node"))}, Value::addressOf(global(name_ + "::instance"))));
    Body serve = body(name_ + "::serve", Kind::Free);
    serve.beginLoop().call(freeOf(m_, kFree - 1), {Value::addressOf(local("node")), Value::addressOf(local("other"))})
        .call(freeOf(m_, kFree - 2), {Value::addressOf(local("node")), Value::addressOf(local("other"))});
    for (std::uint32_t i = 1; i <= kFanOut && m_ * kFanOut + i < modules_; ++i) serve.call(moduleName(m_ * kFanOut + i) + "::serve");
    done(serve.endLoop());
  }

  void mainFunction() {
    Body out = body("main", Kind::Free);
    out.write(field(global("g_config"), "Config", "level")).call(startOf(0));
    for (std::uint32_t t = 0; t < std::min(modules_, 8u); ++t) {
      const std::string entry = moduleName(t * (modules_ - 1) / 8) + "::serve";
      out.add(Spawn{{Callee::Kind::Direct, entry, {}, entry, ""}, {}, {}, local("t" + std::to_string(t)), SpawnWhere::Thread, "std::thread"});
    }
    out.atomic(global("g_requests")).call(name_ + "::serve");
    for (std::uint32_t t = 0; t < std::min(modules_, 8u); ++t) out.add(Join{local("t" + std::to_string(t))});
    done(out);
  }

  const std::uint32_t m_, modules_;
  const std::string name_, store_;
  std::mt19937 random_;
  TuFacts facts_;
  std::vector<std::uint32_t> headers_;
  std::uint32_t line_ = 1;
};

}  // namespace

GeneratedProgram::GeneratedProgram(std::size_t functions)
    : modules_(static_cast<std::uint32_t>(
          std::max<std::size_t>(1, functions * kModulesPerHeader / (kFunctionsOfModule * kModulesPerHeader + kInlinesOfHeader)))) {}

TuFacts GeneratedProgram::unit(std::uint32_t module) const { return Module(module, modules_).take(); }

}  // namespace deadheat::bench
