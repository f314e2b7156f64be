// Loads the plan, knows which site each thread is at, and leaves the rest to what the plan's mode asks for: holding
// threads, or the engine of controlled runs.
#include <malloc.h>

#include "runtime/detect/thread.h"
#include "runtime/platform/environment.h"
#include "runtime/platform/text.h"
#include "runtime/record/recording.h"
#include "runtime/schedule/control.h"
#include "runtime/schedule/fork_server.h"
#include "runtime/schedule/frame_watch.h"
#include "runtime/schedule/hold.h"
#include "runtime/schedule/holding.h"
#include "runtime/schedule/plan.h"
#include "runtime/schedule/sites.h"

namespace deadheat::rt {

bool planActive = false;
bool scheduleAwaited = false;

namespace {

const Holding* holding;
std::uint32_t quietAccesses;  ///< Since the last point, in a controlled run.

/// In a controlled run. One that comes after very many that are none is one, too: a loop may wait for it.
bool isPoint(const Thread* self, Address pc, std::uint32_t flags) {
  constexpr std::uint32_t kQuietAllowed = 200000;
  bool wanted = plan.schedule.points == protocol::SchedulePoints::All || (flags & protocol::kAccessAtomic) != 0;
  if (!wanted && plan.schedule.points == protocol::SchedulePoints::Sites)
    wanted = accessSite(self, pc, flags) != kNoSite;
  if (!wanted && ++quietAccesses < kQuietAllowed) return false;
  quietAccesses = 0;
  return true;
}

/// What a run was asked for is done or the run is none: without its plan it would look like one that went well.
[[noreturn]] void refuse(const char* path, const char* fault) {
  Text<4600> text;
  text << "the plan " << path << " " << fault;
  recordNote(text.c_str());
  Text<4700> line;
  line << "deadheat: " << text.c_str() << "\n";
  line.writeTo(2);
  endProcess(protocol::RunState::Refused);
}

/// Does what the plan says.
void follow() {
  planActive = true;
  if (plan.header.mode == protocol::PlanMode::Control) {
    mallopt(M_ARENA_MAX, 1);  // One thread runs at a time: heaps of their own would only spread what they allocate.
    return startControl();
  }
  holding = plan.header.mode == protocol::PlanMode::Race ? &kRaceHold : &kDeadlockHold;
}

}  // namespace

void scheduleStart() {
  if (serverAsked()) {
    scheduleAwaited = true;
    return;
  }
  const char* path = environmentValue(environment(), protocol::kPlanVariable);
  if (path == nullptr || *path == 0) return;
  if (const char* fault = loadPlan(path)) refuse(path, fault);
  follow();
}

void scheduleAwait() {
  scheduleAwaited = false;
  ++insideDepth;
  fastThread = nullptr;
  ServedPlan served = standBy();
  if (const char* fault = loadPlan(served.bytes, served.size)) refuse("of the run", fault);
  follow();
  --insideDepth;
  becomeThread(ownThread);
}

void scheduleForked(Thread*) {
  resetHolds();
  if (!scheduleControlled) return;
  stopControl();
  planActive = false;
}

void planAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags) {
  if (scheduleControlled) {
    if (isPoint(self, pc, flags)) controlAccess(self, pc, begin, size, flags);
    return;
  }
  if (holding->access == nullptr) return;
  std::uint32_t site = accessSite(self, pc, flags);
  if (site == kNoSite) return;
  RuntimeScope scope;
  holding->access({self, pc, begin, size, flags, site});
}

void planLock(Thread* self, Address pc, Address lock) {
  if (self->plan.owesPassage != 0) {
    // Locks are not handed over: without this a loop round one would keep it from those that wait.
    self->plan.owesPassage = 0;
    RuntimeScope scope;
    stepBack();
  }
  if (holding->lock == nullptr) return;
  std::uint32_t site = acquireSite(self, pc);
  if (site == kNoSite) return;
  RuntimeScope scope;
  holding->lock({self, pc, lock, 0, 0, site});
}

void planEnter(Thread* self, Address returnAddress) {
  PlanState& state = self->plan;
  ++state.depth;
  std::uint32_t place = plan.places.find(returnAddress - 1);
  if (place != kNoPlace && state.frameCount < PlanState::kFrames)
    state.frames[state.frameCount++] = {state.depth, place};
}

void planExit(Thread* self, Address frameEnd, Address pc) {
  PlanState& state = self->plan;
  if (scheduleControlled) leaveFrame(self, frameEnd, pc);
  while (state.frameCount != 0 && state.frames[state.frameCount - 1].depth >= state.depth) --state.frameCount;
  if (state.depth != 0) --state.depth;
}

}  // namespace deadheat::rt
