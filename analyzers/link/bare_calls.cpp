#include "analyzers/link/bare_calls.h"

#include <algorithm>

namespace deadheat {
namespace {

/// Code that this program does not show may call it, so that what callers hold cannot be told from those that are seen.
bool isOpen(const Function& function) {
  if (function.addressTaken) return true;
  switch (function.kind) {
    case Function::Kind::Free:
      return function.linkage == Function::Linkage::External;
    case Function::Kind::Lambda:
      return false;
    default:
      return function.reach == Function::Reach::Public;
  }
}

}  // namespace

void BareCalls::note(FunctionIndex caller, FunctionIndex callee, bool bare) {
  called_[raw(callee)] = true;
  if (caller != callee) edges_.push_back({callee, caller, bare});
}

void BareCalls::settle(const Bodies& bodies) {
  std::sort(edges_.begin(), edges_.end());
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  findHelpers(bodies);
  enteredBare_ = started_;
  for (const Edge& edge : edges_)
    if (edge.bare && !helper_[raw(edge.caller)]) enteredBare_[raw(edge.callee)] = true;
  findGuardedRecords(bodies);
}

/// The least fixpoint: functions that call each other in a ring, with nobody else to call them, are no helpers.
void BareCalls::findHelpers(const Bodies& bodies) {
  std::vector<std::uint32_t> bareCallers(called_.size());
  std::vector<std::vector<FunctionIndex>> bareCallees(called_.size());
  for (const Edge& edge : edges_) {
    if (!edge.bare) continue;
    ++bareCallers[raw(edge.callee)];
    bareCallees[raw(edge.caller)].push_back(edge.callee);
  }
  helper_.assign(called_.size(), false);
  std::vector<FunctionIndex> work;
  auto consider = [&](FunctionIndex f) {
    if (helper_[raw(f)] || !called_[raw(f)] || started_[raw(f)] || bareCallers[raw(f)] > 0 || isOpen(*bodies[f].facts)) return;
    helper_[raw(f)] = true;
    work.push_back(f);
  };
  for (std::uint32_t i = 0; i < called_.size(); ++i) consider(static_cast<FunctionIndex>(i));
  while (!work.empty()) {
    const FunctionIndex f = work.back();
    work.pop_back();
    for (FunctionIndex callee : bareCallees[raw(f)]) {
      --bareCallers[raw(callee)];
      consider(callee);
    }
  }
}

void BareCalls::findGuardedRecords(const Bodies& bodies) {
  constexpr unsigned kFew = 2;
  llvm::StringMap<unsigned> guarded;
  llvm::StringSet<> bare;
  for (const Edge& edge : edges_) {
    const Function& callee = *bodies[edge.callee].facts;
    const bool isUse = callee.kind == Function::Kind::Method && callee.reach == Function::Reach::Public;
    if (!isUse || bodies[edge.caller].facts->record == callee.record) continue;
    if (edge.bare && !helper_[raw(edge.caller)])
      bare.insert(callee.record);
    else
      ++guarded[callee.record];
  }
  for (const auto& [record, times] : guarded)
    if (times >= kFew && !bare.contains(record)) guardedRecords_.insert(record);
}

}  // namespace deadheat
