#include "analyzers/link/frame.h"

#include <algorithm>

#include "analyzers/link/handles.h"

namespace deadheat {
namespace {

constexpr int kMaxCallbackDepth = 3;

bool isCallable(const LinkedValue& v) {
  return (v.kind == Value::Kind::Function || v.kind == Value::Kind::Object) && v.function != FunctionIndex::None;
}

/// The receiver that a callable brings along: its own object, for closures and functors.
std::optional<LinkedValue> receiverOf(const LinkedValue& callable, const std::optional<LinkedValue>& given) {
  if (given) return given;
  if (callable.kind != Value::Kind::Object || callable.path == PathId::Unknown) return std::nullopt;
  return callable;
}

}  // namespace

Frame::Frame(LinkContext& context, FunctionIndex self, bool recursive)
    : tables_(context.tables),
      context_(context),
      self_(self),
      body_(context.bodies[self]),
      recursive_(recursive),
      aliases_(aliasesOf(context.bodies, self, context.aliases.summaries, &context.aliases.bindings, context.tables)) {}

void Frame::analyse() {
  order_ = reversePostOrder(body_);
  collectHomes();
  collectApplications();
  nameHandles();
  settle();
  findCovers();
  emit();
  walkLocks();
  finish();
}

void Frame::collectApplications() {
  applications_.resize(body_.calls.size());
  started_.assign(body_.calls.size(), kSelf);
  for (std::uint32_t b : order_) {
    for (const Step& step : body_.blocks[b].steps) {
      if (step.call != Step::kNoCall) apply(step, body_.calls[step.call]);
    }
  }
}

void Frame::apply(const Step& step, const CallSite& call) {
  LinkedValue target = aliases_.environment.normalise(call.target);
  const bool indirect = call.kind == Callee::Kind::Indirect;
  const bool ofCaller = target.path != PathId::Unknown && tables_.paths.storage(target.path) == Storage::Parameter;
  if (indirect && isCallable(target)) {
    addTarget(step, call, target.function, false, receiverOf(target, call.receiver));
  } else if (!indirect || !ofCaller) {
    for (FunctionIndex f : call.targets) addTarget(step, call, f, call.guessed, call.receiver);
    if (call.targets.empty() && indirect) ++dropped_.unresolvedCalls;
  }
  if (applications_[step.call].empty() && call.spawn) startUnknown(step, call);
  for (std::size_t i = 0, n = applications_[step.call].size(); i < n; ++i) addPendings(step.call, i, 0);
}

void Frame::addTarget(const Step& step, const CallSite& call, FunctionIndex target, bool guessed,
                      const std::optional<LinkedValue>& receiver) {
  Application app;
  app.target = target;
  app.callee = &context_.summaries[raw(target)];
  app.actuals = actualsOf(call, aliases_.environment);
  app.actuals.receiver.reset();
  if (receiver) app.actuals.receiver = aliases_.environment.normalise(*receiver);
  app.actuals.returnsObject = context_.aliases.summaries[raw(target)].returnsObject;
  app.names = std::make_unique<Substitution>(tables_, aliases_.environment, app.actuals);
  app.spawn = call.spawn;
  app.guessed = guessed;
  app.wraps = {{TraceId::Here, call.spawn ? Trace::Kind::Spawn : Trace::Kind::Call, step.location, self_, target}};
  if (call.spawn) {
    startThread(app, std::get<Spawn>(*step.what), aliases_.environment.normalise(call.result), step.location);
  }
  numberThreads(app);
  applications_[step.call].push_back(std::move(app));
}

/// A spawn whose entry only callers may know still starts a thread, whose life is followed here.
void Frame::startUnknown(const Step& step, const CallSite& call) {
  Application nobody;
  startThread(nobody, std::get<Spawn>(*step.what), aliases_.environment.normalise(call.result), step.location);
  started_[step.call] = nobody.self;
}

/// The callbacks that application `of` left open, as far as this frame knows them.
void Frame::addPendings(std::uint32_t call, std::size_t of, int depth) {
  if (depth >= kMaxCallbackDepth) return;
  const std::vector<PendingFact>& pendings = applications_[call][of].callee->pendings;
  for (const PendingFact& pending : pendings) {
    Application next;
    if (!resolvePending(applications_[call][of], pending, next)) continue;
    applications_[call].push_back(std::move(next));
    addPendings(call, applications_[call].size() - 1, depth + 1);
  }
}

bool Frame::resolvePending(Application& outer, const PendingFact& pending, Application& out) {
  Substitution& names = *outer.names;
  LinkedValue target = names.value(pending.target);
  if (!isCallable(target)) return false;
  out.actuals.receiver = pending.receiver ? std::optional(names.value(*pending.receiver)) : receiverOf(target, {});
  for (const LinkedValue& argument : pending.arguments) out.actuals.arguments.push_back(names.value(argument));
  out.target = target.function;
  out.callee = &context_.summaries[raw(target.function)];
  out.names = std::make_unique<Substitution>(tables_, aliases_.environment, out.actuals);
  out.spawn = pending.spawn != nullptr;
  out.deferred = true;
  out.guessed = outer.guessed;
  out.base = composed(outer.base, mapped(outer, pending));
  out.self = out.spawn ? (pending.started < outer.threads.size() ? outer.threads[pending.started] : kLostThread)
                       : out.base.thread;
  if (out.self == kLostThread || out.base.thread == kLostThread) return false;
  if (out.spawn) {
    threads_[out.self].entry = out.target;
    threads_[out.self].migrates = out.callee->migrates;
  }
  out.wraps.push_back({pending.trace, out.spawn ? Trace::Kind::Spawn : Trace::Kind::Call, pending.location,
                       pending.function, target.function});
  out.wraps.insert(out.wraps.end(), outer.wraps.begin(), outer.wraps.end());
  numberThreads(out);
  return true;
}

void Frame::startThread(Application& app, const Spawn& spawn, PathId handle, Location location) {
  ThreadFact fact;
  fact.entry = app.target;
  fact.spawner = self_;
  fact.location = location;
  if (handle != PathId::Unknown) fact.handles.push_back(handle);
  fact.survives = true;
  fact.facts = &spawn;
  fact.migrates = app.callee && app.callee->migrates;
  app.self = addThread(std::move(fact));
}

/// Gives numbers of this frame to the threads that the callee has.
void Frame::numberThreads(Application& app) {
  const bool again = recursive_ && context_.component[raw(app.target)] == context_.component[raw(self_)];
  for (std::size_t i = 0; i < app.callee->threads.size(); ++i) {
    ThreadFact fact = app.callee->threads[i];
    fact.overlap = 0;
    if (fact.parent == kSelf) {
      fact.parent = app.self;
      fact.survives = (app.callee->liveAtExit & threadBit(static_cast<ThreadNumber>(i))) != 0;
    } else {
      fact.parent = app.threads[fact.parent];
    }
    fact.handles.clear();
    fact.startedUnder = mappedLocks(app, fact.startedUnder);
    fact.takenBefore = app.names->set(fact.takenBefore);
    std::erase_if(fact.covers, [&](const Cover& cover) {
      return cover.holder != kSelf && app.threads[cover.holder] == kLostThread;
    });
    for (Cover& cover : fact.covers) {
      cover.lock = app.names->lock(cover.lock);
      cover.holder = cover.holder == kSelf ? app.self : app.threads[cover.holder];
    }
    fact.trace = wrapped(app, fact.trace);
    app.threads.push_back(fact.parent == kLostThread ? kLostThread : addThread(std::move(fact), again));
  }
}

/// `again`: it comes from another turn of the recursion that this function takes part in, and is one with the thread that
/// is started in the same way here. A signal handler is one however often it is installed.
ThreadNumber Frame::addThread(ThreadFact fact, bool again) {
  const bool full = threads_.size() >= kMaxThreads;
  for (std::size_t i = 0; fact.isSignalHandler() && i < threads_.size(); ++i) {
    const ThreadFact& known = threads_[i];
    if (known.facts == fact.facts && known.entry == fact.entry && known.parent == fact.parent)
      return static_cast<ThreadNumber>(i);
  }
  for (std::size_t i = 0; (again || full) && i < threads_.size(); ++i) {
    ThreadFact& known = threads_[i];
    if (known.facts != fact.facts || known.entry != fact.entry) continue;
    if (!full && !tables_.traces.endsIn(fact.trace, known.trace)) continue;
    // A chain of handlers, each of which starts the next as its last, is never beside itself.
    known.many |= full || fact.many || (fact.survives && !known.isOfExecutor());
    return static_cast<ThreadNumber>(i);
  }
  if (threads_.size() >= kMaxThreads) {
    ++dropped_.threads;
    return kLostThread;
  }
  threads_.push_back(std::move(fact));
  return static_cast<ThreadNumber>(threads_.size() - 1);
}

/// Completes the names of thread objects: those of callees in this frame's terms, and where each was moved to.
void Frame::nameHandles() {
  auto add = [](ThreadFact& thread, PathId handle) {
    auto& names = thread.handles;
    if (handle == PathId::Unknown || names.size() >= kMaxHandles) return;
    if (std::find(names.begin(), names.end(), handle) == names.end()) names.push_back(handle);
  };
  for (auto& group : applications_) {
    for (Application& app : group) {
      for (std::size_t i = 0; i < app.threads.size(); ++i) {
        if (app.threads[i] == kLostThread) continue;
        for (PathId h : app.callee->threads[i].handles) add(threads_[app.threads[i]], app.names->path(h));
      }
    }
  }
  for (ThreadFact& thread : threads_) {  // Also by where this frame has put the object.
    for (PathId handle : std::vector<PathId>(thread.handles))
      for (PathId name : namesOf(handle)) add(thread, name);
  }
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t b : order_) {
      for (const Step& step : body_.blocks[b].steps) {
        if (!std::holds_alternative<Assign>(*step.what) || step.value.kind != Value::Kind::Object) continue;
        PathId from = aliases_.environment.normalise(step.value.path);
        PathId to = aliases_.environment.normalise(step.path);
        for (ThreadFact& thread : threads_) {
          for (std::size_t i = 0; i < thread.handles.size(); ++i) {
            if (sameHandle(tables_.paths, thread.handles[i], from)) add(thread, to);
          }
        }
      }
    }
  }
}

}  // namespace deadheat
