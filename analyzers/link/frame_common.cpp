// Which facts of a frame read the same in every caller, and below which calls there are more of them.
#include <algorithm>

#include "analyzers/link/frame.h"

namespace deadheat {

/// The call, if nothing about it changes what common facts below it mean: then they need not be taken over.
std::optional<CommonCall> Frame::commonCall(const Inheritance& from) {
  Application& app = from.app;
  const bool recurses = recursive_ && !app.callee->done;
  if (!recurses && !app.callee->common.any) return std::nullopt;
  if (app.spawn || app.self != kSelf || from.reclaims || keepAll) return std::nullopt;
  if (from.initialising != LocksetId::Empty || from.state.leaked != LocksetId::Empty) return std::nullopt;
  if (context_.bodies[app.target].facts->isDeclaration) return std::nullopt;
  const Moment before = composed(from.here, app.base);
  if (!isCommon(before) || passedOf(before.held) != before.held || before.released != PathSetId::Empty)
    return std::nullopt;
  CommonCall call;
  call.callee = app.target;
  call.trace = wrapped(app, TraceId::Here);
  CommonNames& names = context_.common;
  call.before = {names.outside(before.joined), names.outside(before.taken), names.outside(before.acquired),
                 names.outside(before.notified), before.held, app.guessed,
                 !app.deferred && applications_[from.step.call].size() == 1 && isAlways(block_)};
  return call;
}

void Frame::keep(const CommonCall& call) {
  summary.common.add(context_.summaries[raw(call.callee)].common);
  for (CommonCall& known : summary.commonCalls) {
    if (known.callee != call.callee || !known.before.isLike(call.before)) continue;
    known.before.taken = tables_.pathSets.intersected(known.before.taken, call.before.taken);
    known.before.passed = tables_.locksets.intersected(known.before.passed, call.before.passed);
    return;
  }
  summary.commonCalls.push_back(call);
}

bool Frame::isCommon(const Moment& m) const {
  CommonNames& names = context_.common;
  return m.thread == kSelf && m.live == 0 && m.context == ContextId::None && m.phases == kFromOutside &&
         m.tasks == kFromOutside && names.isCommon(m.held) && names.isCommon(m.released) && names.isCommon(m.joined) &&
         names.isCommon(m.taken) && names.isCommon(m.acquired) && names.isCommon(m.notified);
}

/// Guarded variables are not: the outermost caller answers for them.
bool Frame::isCommon(const AccessFact& fact) {
  return isCommon(static_cast<const Moment&>(fact)) && context_.common.isCommon(fact.path) && !isGuarded(fact.path);
}

bool Frame::isCommon(const AcquireFact& fact) const {
  return isCommon(static_cast<const Moment&>(fact)) && context_.common.isCommon(fact.lock);
}

/// Contracts are for callers to keep, and a thread's end, or the wait for it, is looked for by its handle.
bool Frame::isCommon(const OperationFact& fact) const {
  switch (fact.kind) {
    case OperationFact::Kind::Require:
    case OperationFact::Kind::Exclude:
    case OperationFact::Kind::Join:
    case OperationFact::Kind::Detach:
      return false;
    default:
      return isCommon(static_cast<const Moment&>(fact)) && context_.common.isCommon(fact.object) &&
             context_.common.isCommon(fact.lock);
  }
}

/// Marks the common facts of the finished summary and adds them to its digest.
void Frame::markCommon() {
  CommonDigest& digest = summary.common;
  for (AccessFact& fact : summary.accesses) {
    fact.common = isCommon(fact);
    if (!fact.common) continue;
    digest.accesses = true;
    digest.guarded |= fact.held != LocksetId::Empty;
    if (fact.writes()) digest.written |= maskOf(tables_.paths[fact.path].root);
  }
  for (AcquireFact& fact : summary.acquires) {
    fact.common = isCommon(fact);
    digest.acquires |= fact.common;
  }
  for (OperationFact& fact : summary.operations) {
    fact.common = isCommon(fact);
    if (fact.common) digest.operations.add({fact.kind});
  }
  digest.any |= digest.accesses || digest.acquires || digest.operations.any() || !summary.commonCalls.empty();
}

/// Takes over what is below a call that changes what it means.
void Frame::inheritBelow(Inheritance& from) {
  CommonWalk below(context_.summaries, context_.common, tables_, from.app.target);
  below.accesses([&](const AccessFact& access, std::uint32_t) { inherit(from, access); });
  below.acquires([&](const AcquireFact& acquire, std::uint32_t) { inherit(from, acquire); });
  below.operations([&](const OperationFact& operation, std::uint32_t) { inherit(from, operation); });
  dropped_.add(below.dropped());
}

/// Whether a common fact below the call writes what a condition tests.
bool Frame::changesBelow(Application& app, PathId tested) {
  const bool isGlobal = tables_.paths.storage(tested) == Storage::Global;
  if (app.callee->commonCalls.empty() || !isGlobal) return false;
  if ((app.callee->common.written & maskOf(tables_.paths[tested].root)) == 0) return false;
  auto [slot, fresh] = app.changes.try_emplace(tested, false);
  if (!fresh) return slot->second;
  bool changes = false;
  CommonWalk below(context_.summaries, context_.common, tables_, app.target);
  below.accesses([&](const AccessFact& access, std::uint32_t) {
    changes = changes || (access.writes() && mayChange(app.names->path(access.path), tested));
  });
  return slot->second = changes;
}

}  // namespace deadheat
