#include "runtime/schedule/looks.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kMostLooks = 1024;

bool overlap(const Event& a, const Event& b) { return a.object < b.object + b.size && b.object < a.object + a.size; }

/// The same task, or no task and the same thread.
bool bySame(const Event& a, const Event& b) { return a.task == b.task && (a.task != 0 || a.thread == b.thread); }

}  // namespace

bool Looks::isOpen(ThreadId thread) const {
  for (std::size_t i = 0; i < looks_.size(); ++i)
    if (looks_[i].look.thread == thread) return true;
  return false;
}

void Looks::close(const Event& event) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < looks_.size(); ++i)
    if (!bySame(looks_[i].look, event)) looks_[kept++] = looks_[i];
  while (looks_.size() > kept) looks_.pop();
}

const Look* Looks::performed(const Event& event) {
  if (event.isAt(protocol::SiteKind::Rest)) close(event);
  if (!event.isAccess()) return nullptr;
  bool again = false, acts = false, stale = false;
  for (Look& each : looks_) {
    if (!overlap(each.look, event)) continue;
    if (!bySame(each.look, event)) {
      if (event.changes && !each.changed && !(isOwn_ != nullptr && isOwn_(each.look, event))) {
        each.changed = true;
        each.change = event;
      }
    } else if (event.isAt(protocol::SiteKind::Act)) {
      acts = true;
      if (each.changed) acted_ = each;
      stale = stale || each.changed;
    } else if (event.isAt(protocol::SiteKind::Look)) {
      again = true;
      each = {event, false, {}};
    }
  }
  if (acts) close(event);
  if (event.isAt(protocol::SiteKind::Look) && !again && looks_.size() < kMostLooks) looks_.push({event, false, {}});
  return stale ? &acted_ : nullptr;
}

}  // namespace deadheat::rt
