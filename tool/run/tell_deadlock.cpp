// Deadlocks in words.
#include <algorithm>

#include "tool/run/tell.h"

namespace deadheat {
namespace {

using protocol::ResourceKind;

bool isLock(ResourceKind kind) {
  return kind == ResourceKind::Mutex || kind == ResourceKind::RwLockRead || kind == ResourceKind::RwLockWrite ||
         kind == ResourceKind::Spinlock;
}

const char* waitsFor(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::Mutex: return "waits for lock";
    case ResourceKind::RwLockRead: return "waits to read-lock";
    case ResourceKind::RwLockWrite: return "waits to write-lock";
    case ResourceKind::Spinlock: return "spins on lock";
    case ResourceKind::Condition: return "waits to be notified of condition";
    case ResourceKind::Semaphore: return "waits for semaphore";
    case ResourceKind::Barrier: return "waits at barrier";
    case ResourceKind::Once: return "waits for a running once initialiser of";
    case ResourceKind::Join: return "waits for the end of";
    case ResourceKind::Future: return "waits for future";
    case ResourceKind::Futex:
    case ResourceKind::None: break;
  }
  return "waits on";
}

/// Whether `other` keeps `waiting` from going on: it owns or holds what is wanted.
bool keepsWaiting(const RecordedStuckThread& waiting, const RecordedStuckThread& other) {
  if (waiting.owner == other.thread) return true;
  return isLock(waiting.wants) && std::any_of(other.held.begin(), other.held.end(), [&](const RecordedHeldLock& held) {
           return held.lock.address == waiting.resource.address;
         });
}

/// The threads that wait for each other in a ring; who merely waits for one of them is left out. All of them when the
/// record names no owners that would form a ring. Cost: cubic in the number of threads.
std::vector<RecordedStuckThread> coreOf(const RecordedDeadlock& deadlock) {
  const std::size_t count = deadlock.threads.size();
  std::vector<std::vector<bool>> reaches(count, std::vector<bool>(count));
  for (std::size_t from = 0; from < count; ++from)
    for (std::size_t to = 0; to < count; ++to)
      reaches[from][to] = keepsWaiting(deadlock.threads[from], deadlock.threads[to]);
  for (std::size_t middle = 0; middle < count; ++middle)
    for (std::size_t from = 0; from < count; ++from)
      for (std::size_t to = 0; to < count; ++to)
        if (reaches[from][middle] && reaches[middle][to]) reaches[from][to] = true;
  std::vector<RecordedStuckThread> core;
  for (std::size_t i = 0; i < count; ++i)
    if (reaches[i][i]) core.push_back(deadlock.threads[i]);
  return core.empty() ? deadlock.threads : core;
}

class DeadlockTeller {
 public:
  DeadlockTeller(const RecordedDeadlock& deadlock, const Narrator& narrator)
      : threads_(coreOf(deadlock)), narrator_(narrator) {}

  DynamicFinding tell() {
    DynamicFinding out;
    out.what = DynamicFinding::What::Deadlock;
    finding_.check = check();
    for (const RecordedStuckThread& thread : threads_) addThread(thread);
    completeDynamic(finding_);
    finding_.message = message();
    finding_.fixHint = selfDeadlock()   ? "do not take the lock again, or split off a function that expects it held"
                       : onlyLocks()    ? "take the locks in one order everywhere, or together with std::scoped_lock"
                                        : "make sure that somebody who is not waiting can end each wait";
    finding_.verdict.kind = Verdict::Kind::Confirmed;
    finding_.verdict.proof = Verdict::Proof::Caught;
    out.finding = std::move(finding_);
    return out;
  }

 private:
  bool onlyLocks() const {
    return !threads_.empty() &&
           std::all_of(threads_.begin(), threads_.end(),
                       [](const RecordedStuckThread& thread) { return isLock(thread.wants); });
  }
  bool selfDeadlock() const {
    return onlyLocks() && threads_.size() == 1 && keepsWaiting(threads_[0], threads_[0]);
  }
  std::string check() const { return selfDeadlock() ? "double-lock" : onlyLocks() ? "lock-order" : "deadlock"; }

  /// Where the wanted lock was taken by its owner, if the record tells; else where it is wanted.
  const RecordedStack& takenAt(const RecordedStuckThread& wanting) const {
    for (const RecordedStuckThread& other : threads_)
      for (const RecordedHeldLock& held : other.held)
        if (held.lock.address == wanting.resource.address) return held.stack;
    return wanting.stack;
  }

  std::string resourceName(const RecordedStuckThread& thread) const {
    if (thread.wants == ResourceKind::Join)
      return thread.owner ? narrator_.threadName(*thread.owner, stackOf(*thread.owner)) : "a thread";
    return narrator_.lock(thread.resource, takenAt(thread), isLock(thread.wants) ? "the lock taken in" : "what is waited for in");
  }

  RecordedStack stackOf(std::uint32_t id) const {
    for (const RecordedStuckThread& thread : threads_)
      if (thread.thread == id) return thread.stack;
    return {};
  }

  void addThread(const RecordedStuckThread& thread) {
    std::string name = resourceName(thread);
    if (thread.wants != ResourceKind::Join) {
      finding_.subjects.push_back(name);
      name = "'" + name + "'";
    }
    std::vector<std::string> held;
    SourcePoint heldSince;
    for (const RecordedHeldLock& lock : thread.held) {
      held.push_back(narrator_.lock(lock.lock, lock.stack));
      heldSince = narrator_.place(lock.stack).point;
    }
    const auto kind = isLock(thread.wants) ? WitnessStep::Kind::Acquire : WitnessStep::Kind::Wait;
    finding_.witness.push_back(narrator_.witness(
        thread.thread, thread.tasks, thread.stack, {kind, std::string(waitsFor(thread.wants)) + " " + name}, std::move(held)));
    Site site = siteAt(finding_.witness.back(), Site::Kind::Acquire);
    site.heldSince = heldSince;
    finding_.sites.push_back(std::move(site));
  }

  std::string message() const {
    if (threads_.empty()) return "deadlock: no thread can go on";
    if (selfDeadlock())
      return inFunction(finding_.witness[0]) + " locks '" + finding_.subjects[0] + "' which it holds already";
    std::string text = "deadlock: ";
    for (std::size_t i = 0; i < finding_.witness.size(); ++i)
      text += (i ? ", " : "") + inFunction(finding_.witness[i]) + " " + finding_.witness[i].steps.back().text;
    return text;
  }

  const std::vector<RecordedStuckThread> threads_;
  const Narrator& narrator_;
  Finding finding_;
};

}  // namespace

DynamicFinding tellDeadlock(const RecordedDeadlock& deadlock, const Narrator& narrator) {
  return DeadlockTeller(deadlock, narrator).tell();
}

}  // namespace deadheat
