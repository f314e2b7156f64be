#include "analyzers/checks/thread_lives.h"

#include <algorithm>
#include <set>

#include "analyzers/link/handles.h"

namespace deadheat {
namespace {

constexpr int kMaxArm = 8;

Lives merged(const Lives& a, const Lives& b) {
  Lives out = a;
  for (const auto& [handle, life] : b) {
    auto [slot, fresh] = out.try_emplace(handle, static_cast<Life>(life | kEmpty));
    if (!fresh) slot->second |= life;
  }
  for (auto& [handle, life] : out) {
    if (!b.contains(handle)) life |= kEmpty;
  }
  return out;
}

}  // namespace

ThreadLives::ThreadLives(const Program& program, const FunctionView& view, const std::vector<PathId>& started)
    : program_(program),
      paths_(program.tables().paths),
      view_(view),
      entry_(view.blocks.size()),
      reached_(view.blocks.size()),
      before_(view.blocks.size()) {
  if (entry_.empty()) return;
  const Traces& traces = program.tables().traces;
  for (const OperationFact& o : program.summary(view.function).operations) {
    const bool ends = o.kind == OperationFact::Kind::Join || o.kind == OperationFact::Kind::Detach;
    if (!ends || o.thread != kSelf || o.trace == TraceId::Here || o.object == PathId::Unknown) continue;
    endedByCall_[traces[o.trace].location].emplace_back(o.object, o.kind == OperationFact::Kind::Join ? kJoined : kDetached);
  }
  for (PathId handle : started) entry_[0][handle] = kRunning;
  reached_[0] = true;
  solve();
}

Life ThreadLives::of(PathId handle, StepPlace place) const { return of(before(place), handle); }

Life ThreadLives::of(const Lives& lives, PathId handle) const {
  Life life = 0;
  for (const auto& [known, state] : lives) {
    if (sameHandle(paths_, known, handle)) life |= state;
  }
  return life == 0 ? kUnknown : life;
}

const ThreadFact* ThreadLives::startOf(PathId handle) const {
  for (const ThreadFact& thread : view_.threads) {
    if (thread.spawner != view_.function) continue;
    for (PathId name : thread.handles)
      if (sameHandle(paths_, name, handle)) return &thread;
  }
  return nullptr;
}

std::vector<std::pair<PathId, Life>> ThreadLives::endedIn(const StepView& step) const {
  const EventKind& what = *step.step->what;
  if (const auto* join = std::get_if<Join>(&what)) return {{step.path, join->by == Join::By::Try ? kUnknown : kJoined}};
  if (std::holds_alternative<Detach>(what)) return {{step.path, kDetached}};
  if (step.step->call == Step::kNoCall || view_.body->calls[step.step->call].spawn) return {};
  auto found = endedByCall_.find(step.step->location);
  return found == endedByCall_.end() ? std::vector<std::pair<PathId, Life>>{} : found->second;
}

void ThreadLives::solve() {
  std::set<std::uint32_t> work{0};
  std::vector<int> visits(view_.blocks.size());
  while (!work.empty()) {
    const std::uint32_t b = *work.begin();
    work.erase(work.begin());
    if (++visits[b] > 40) continue;
    Lives lives = entry_[b];
    before_[b].clear();
    for (const StepView& step : view_.blocks[b].steps) {
      before_[b].push_back(lives);
      transfer(lives, step);
    }
    for (std::uint32_t to : view_.body->blocks[b].successors) {
      Lives out = lives;
      onEdge(out, b, to);
      Lives next = reached_[to] ? merged(entry_[to], out) : out;
      if (reached_[to] && next == entry_[to]) continue;
      reached_[to] = true;
      entry_[to] = std::move(next);
      work.insert(to);
    }
  }
  for (std::uint32_t b = 0; b < before_.size(); ++b) before_[b].resize(view_.blocks[b].steps.size());
}

void ThreadLives::transfer(Lives& lives, const StepView& step) const {
  const EventKind& what = *step.step->what;
  if (const auto* join = std::get_if<Join>(&what)) {
    end(lives, step.path, join->by == Join::By::Try ? kUnknown : kJoined);
  } else if (std::holds_alternative<Detach>(what)) {
    end(lives, step.path, kDetached);
  } else if (const auto* abandon = std::get_if<Abandon>(&what)) {
    if (abandon->how != Abandon::How::Empty || of(lives, step.path) != kDetached) end(lives, step.path, kEmpty);
  } else if (std::holds_alternative<Assign>(what) && step.value.kind == Value::Kind::Object) {
    move(lives, step.path, step.value.path);
  } else if (std::holds_alternative<Assign>(what) || std::holds_alternative<Escape>(what)) {
    // A pointer to the handle is kept: whoever has it may end the thread.
    for (auto& [handle, life] : lives)
      if (step.value.kind == Value::Kind::AddressOf && paths_.hasPrefix(handle, step.value.path)) life |= kUnknown;
  } else if (step.step->call != Step::kNoCall) {
    call(lives, step);
  }
}

void ThreadLives::end(Lives& lives, PathId handle, Life how) const {
  for (auto& [known, life] : lives)
    if (sameHandle(paths_, known, handle)) life = how;
  if (handle != PathId::Unknown) lives[handle] = how;
}

void ThreadLives::move(Lives& lives, PathId to, PathId from) const {
  Life life = 0;
  for (auto& [known, state] : lives) {
    if (!sameHandle(paths_, known, from)) continue;
    life |= state;
    state = kEmpty;
  }
  if (life != 0 && to != PathId::Unknown) lives[to] = life;
}

void ThreadLives::start(Lives& lives, const StepView& step) const {
  for (const ThreadFact& thread : view_.threads) {
    if (thread.location != step.step->location || thread.spawner != view_.function || thread.handles.empty()) continue;
    lives[thread.handles.front()] = detachesItself(thread.entry) ? kDetached : kRunning;
  }
}

/// Whether the thread gives up its own handle.
bool ThreadLives::detachesItself(FunctionIndex entry) const {
  if (entry == FunctionIndex::None) return false;
  const auto& operations = program_.summary(entry).operations;
  return std::any_of(operations.begin(), operations.end(), [&](const OperationFact& o) {
    return o.kind == OperationFact::Kind::Detach && o.thread == kSelf && o.object != PathId::Unknown &&
           paths_.storage(o.object) == Storage::ThreadLocal;
  });
}

void ThreadLives::call(Lives& lives, const StepView& step) const {
  const CallSite& site = view_.body->calls[step.step->call];
  if (site.spawn) start(lives, step);
  const auto ended = endedIn(step);
  for (const auto& [handle, how] : ended) end(lives, handle, how);
  for (auto& [handle, life] : lives) {
    // A thread that is given the handle of another may end that, not itself.
    if (site.spawn && (life != kRunning || sameHandle(paths_, handle, site.result))) continue;
    if (std::any_of(ended.begin(), ended.end(), [&](const auto& e) { return sameHandle(paths_, e.first, handle); }))
      continue;
    auto reaches = [&](const LinkedValue& value) {
      return value.path != PathId::Unknown && value.kind != Value::Kind::Constant &&
             paths_.hasPrefix(handle, paths_[value.path].root);
    };
    const bool isPassed = std::any_of(site.arguments.begin(), site.arguments.end(), reaches) ||
                          (site.receiver && reaches(*site.receiver) && paths_.storage(handle) == Storage::Local);
    if (isPassed) life |= kUnknown;
  }
}

/// Handles that are joined or detached on the arm of a branch that comes together with `to` again.
std::vector<PathId> ThreadLives::endedOnArm(std::uint32_t from, std::uint32_t arm, std::uint32_t to) const {
  std::vector<PathId> ended;
  std::vector<std::uint32_t> todo{arm};
  std::set<std::uint32_t> seen{arm};
  bool returns = false;
  while (!todo.empty() && seen.size() <= kMaxArm) {
    const std::uint32_t block = todo.back();
    todo.pop_back();
    for (const StepView& step : view_.blocks[block].steps) {
      for (const auto& [handle, how] : endedIn(step)) ended.push_back(handle);
    }
    for (std::uint32_t next : view_.body->blocks[block].successors) {
      returns |= next == to || next == from;
      if (next != to && next != from && seen.insert(next).second) todo.push_back(next);
    }
  }
  return returns ? ended : std::vector<PathId>{};
}

void ThreadLives::onEdge(Lives& lives, std::uint32_t from, std::uint32_t to) const {
  const auto& successors = view_.body->blocks[from].successors;
  if (successors.size() != 2) return;
  const std::uint32_t other = successors[0] == to ? successors[1] : successors[0];
  const bool isLoop = Ways(view_).leads(from, from);
  for (PathId handle : endedOnArm(from, other, to)) {
    for (auto& [known, life] : lives) {
      // A thread that is surely running is not ended on the other arm; one that may be is, by the same condition.
      const bool mayNotRun = life != kRunning || (isLoop && paths_.passes(handle, PathNode::Kind::Element));
      if (sameHandle(paths_, known, handle) && (life & kRunning) && mayNotRun) life = kJoined | kEmpty;
    }
  }
}

}  // namespace deadheat
