// The engine of controlled runs: one thread runs at a time, each operation is announced before it happens, and between two
// operations a strategy says whose turn it is.
//
// Nothing is waited for in the kernel. An interceptor tries; what cannot be had now is waited for here, and tried again
// when the thread has the turn. So the state of a lock is where it always was, in the lock, every kind of lock is what it
// is, and that nobody can go on is known the moment it happens.
#include "runtime/detect/fibers.h"
#include "runtime/detect/kernel_tasks.h"
#include "runtime/detect/locks.h"
#include "runtime/detect/thread.h"
#include "runtime/detect/waits.h"
#include "runtime/platform/text.h"
#include "runtime/record/recording.h"
#include "runtime/schedule/apart.h"
#include "runtime/schedule/candidates.h"
#include "runtime/schedule/control.h"
#include "runtime/schedule/crash.h"
#include "runtime/schedule/deviations.h"
#include "runtime/schedule/events.h"
#include "runtime/schedule/frame_watch.h"
#include "runtime/schedule/giving_way.h"
#include "runtime/schedule/hold.h"
#include "runtime/schedule/input.h"
#include "runtime/schedule/plan.h"
#include "runtime/schedule/profile.h"
#include "runtime/schedule/replay.h"
#include "runtime/schedule/sites.h"
#include "runtime/schedule/trace.h"
#include "runtime/schedule/watch.h"

namespace deadheat::rt {

bool scheduleControlled = false;

namespace {

const Strategy* strategy;
bool replaying;
bool watches;                 ///< The plan has sites.
RandomNumbers draws;          ///< The engine's own; strategies have theirs.
OpenChoices openChoices;
std::uint64_t step;           ///< Decisions between two threads or more.
std::uint64_t point;          ///< Operations announced.
std::uint64_t hash;
std::uint64_t waits;
std::size_t mostThreads;
RunTime now;
Event executed;
bool anyExecuted;

constexpr RunTime kClockRead = 1000;  ///< What a look at the clock costs, or a loop that waits for a time would not end.
constexpr long kNapMicros = 200;

Operation operationOf(std::uint32_t flags) {
  if ((flags & protocol::kAccessFree) != 0) return Operation::Free;
  return (flags & protocol::kAccessWrite) != 0 ? Operation::Write : Operation::Read;
}

bool changes(Operation operation) { return operation != Operation::Read && operation != Operation::Yield; }

/// Of the code only what is the same wherever the module is loaded.
void addToHash(const Event& event) {
  constexpr Address kPageOffset = 0xfff;
  hash = mix(hash + mix(static_cast<std::uint64_t>(event.thread) << 32 |
                        static_cast<std::uint64_t>(event.operation) << 16 | (event.pc & kPageOffset)));
}

void tellDivergence(const Divergence& diverged) {
  Text<300> text;
  text << "diverged at step " << diverged.step << ": expected thread " << diverged.expected->key.thread << " at ";
  text.hex(diverged.expected->key.pc) << " (occurrence " << diverged.expected->key.occurrence << ") to give way to thread "
                                      << diverged.expected->chosen << " at step " << diverged.expected->step
                                      << ", got thread " << diverged.key.thread << " at ";
  text.hex(diverged.key.pc) << " (occurrence " << diverged.key.occurrence << ")";
  recordNote(text.c_str());
  endProcess(protocol::RunState::Diverged);
}

void tellLeftTrail(const TrailStep& expected, const Event& got) {
  Text<300> text;
  text << "diverged at step " << trailPosition() << ": expected thread " << expected.thread << " at ";
  text.hex(expected.pc) << ", got thread " << got.thread << " at ";
  text.hex(got.pc);
  recordNote(text.c_str());
  endProcess(protocol::RunState::Diverged);
}

/// Long runs end by the default, which is fair: what is still going round in circles then is not the strategy's fault.
bool strategyIsDone() { return step > plan.schedule.mostSteps; }

/// `own` is about to go on. `alone`: nobody else can, so there is no choice that could have been another.
void checkForLivelock(const Controlled& own, bool alone) {
  constexpr std::uint64_t kPatience = 2000000;
  if (!(alone || strategyIsDone()) || point - lastNews < kPatience) return;
  recordNote("threads go on, but do the same over and over");
  recordPlace(own.thread, own.pending.pc);
  endProcess(protocol::RunState::Livelocked);
}

/// Between at least two.
Controlled* decide(Controlled* own, const Candidates& candidates, const DecisionKey& key, bool gaveWay) {
  ++step;
  if (strategyIsDone()) {
    if (own != nullptr) checkForLivelock(*own, false);
    return candidates.standing;
  }
  ThreadId standing = candidates.standing->pending.thread;
  Choice choice{candidates.enabled, candidates.count, candidates.all, candidates.allCount,
                anyExecuted ? &executed : nullptr, standing, gaveWay, step, hash, key};
  if (watches) watchStep(choice);
  // Who is directed may want a time to pass where only one could go on.
  bool asks = replaying || watches || candidates.count > 1;
  ThreadId chosen = asks ? strategy->choose(choice) : candidates.enabled[0]->thread;
  if (const Divergence* diverged = divergence()) tellDivergence(*diverged);
  if (chosen == standing) return candidates.standing;
  recordDeviation(protocol::DeviationKind::Switch, key, chosen, step, hash);
  return findControlled(chosen);
}

/// Nobody can go on as things are: something outside may still change that, or it is a deadlock.
void waitOrGiveUp() {
  noteProgress(step, point, hash, mostThreads);
  if (!anyoneWaitsOutside() && !handlerMayWake()) reportNobodyGoesOn();
  sleepMicros(kNapMicros);
}

void perform(const Controlled& thread) {
  watchFrames(thread.pending);
  if (watches) watchPerformed(thread.pending);
  wakeSpinners(thread.pending);
  if (strategy->performed != nullptr) strategy->performed(thread.pending);
  countOperation(thread.pending, thread.thread->parent);
}

bool chosenIsOwn(const Controlled* own, const Candidates& candidates) {
  return own != nullptr && own == candidates.standing && own->state == Controlled::State::Ready;
}

/// Whose turn it is. `own` had it; null: it ended.
Controlled* pick(Controlled* own, const DecisionKey& key, bool gaveWay) {
  ++point;
  Candidates candidates = findCandidates(own, point, replaying ? nullptr : &draws);
  while (candidates.standing == nullptr) {
    waitOrGiveUp();
    candidates = findCandidates(own, point, replaying ? nullptr : &draws);
  }
  bool decides = candidates.allCount > 1;
  if (!decides && chosenIsOwn(own, candidates)) checkForLivelock(*own, true);
  Controlled* chosen = decides ? decide(own, candidates, key, gaveWay) : candidates.standing;
  traceStep(own, *chosen, candidates, key, gaveWay, decides ? step : 0, hash);
  if (const TrailStep* expected = leavesTrail(chosen->pending, hash)) tellLeftTrail(*expected, chosen->pending);
  chosen->late = chosen->deadline != kNever && !canGoOn(*chosen);
  if (chosen->late && now < chosen->deadline) now = chosen->deadline;
  if (!chosen->late && !canGoOn(*chosen)) --spuriousLeft;
  if (chosen != own) {
    if (own != nullptr) own->turnsInARow = 0;
    chosen->turnsInARow = 0;
  }
  noLongerAside(*chosen);
  addToHash(chosen->pending);
  perform(*chosen);
  executed = chosen->pending;
  anyExecuted = true;
  noteProgress(step, point, hash, mostThreads);
  return chosen;
}

/// The engine's word for "not now, or not this thread".
Controlled* turnOf() { return ownControlled != nullptr && ownControlled == turnHolder ? ownControlled : nullptr; }

/// Somebody may wait for what `self` holds where nothing is announced.
bool keepsTurn(const Thread* self) { return self->inLibrary || fiberIsUnseen(self); }

DecisionKey keyOf(const Controlled& own) {
  return {own.pending.thread, own.pending.pc, countOccurrence(own.pending.thread, own.pending.pc)};
}

bool holdsById(ThreadId thread, Address lock) {
  const Controlled* found = findControlled(thread);
  return found != nullptr && holdsLock(found->thread, lock);
}

void noteParked(const Event& event) {
  if (Controlled* thread = findControlled(event.thread)) noteReached(thread->thread, event.site, true);
}

void atSite(Thread* self, const Event& event) {
  noteReached(self, event.site, false);
  if (event.role == protocol::SiteKind::Acquire) noteArrival(self, event.site, event.object);
}

/// A task of the only thread there is performs what it announced: that thread's tasks are told apart in what is recorded.
void alone(const Controlled& own) {
  traceAlone(own, hash);
  if (const TrailStep* expected = leavesTrail(own.pending, hash)) tellLeftTrail(*expected, own.pending);
}

void announced(Controlled* own, const Event& event, std::uint32_t flags = 0) {
  own->pending = event;
  noteTask(own->thread, own->pending);
  if (watches) findSite(own->thread, flags, own->pending);
  if (own->pending.site != Event::kNoSite) atSite(own->thread, own->pending);
  bool gaveWay = givesWay(*own, point + 1);
  if (controlled.size() == 1) {
    ++point;
    noLongerAside(*own);
    checkForLivelock(*own, true);
    if (own->thread->running != nullptr) alone(*own);
    perform(*own);
    return;
  }
  if (strategyIsDone() && !gaveWay) {
    ++point;
    checkForLivelock(*own, false);
    perform(*own);
    return;
  }
  handOver(own, pick(own, keyOf(*own), gaveWay));
}

bool waitFor(Controlled* own) {
  constexpr std::uint64_t kHurryOdds = 4;
  own->hurries = own->deadline != kNever && !replaying && draws.below(kHurryOdds) == 0;
  own->state = Controlled::State::Waiting;
  own->late = false;
  own->waitingSince = ++waits;
  own->timesAside = 0;
  handOver(own, pick(own, keyOf(*own), false));
  own->state = Controlled::State::Ready;
  own->deadline = kNever;
  own->ready = nullptr;
  own->byWord = false;
  return !own->late;
}

/// What becomes true by a look at the word alone, so that who was woken and comes too late is not woken at all.
bool endsByWord(const Resource& resource) {
  switch (static_cast<protocol::ResourceKind>(resource.kind)) {
    case protocol::ResourceKind::Mutex:
    case protocol::ResourceKind::Spinlock:
    case protocol::ResourceKind::Semaphore:
    case protocol::ResourceKind::Once: return resource.word != nullptr;
    default: return false;
  }
}

bool isLock(const Resource& resource) {
  auto kind = static_cast<protocol::ResourceKind>(resource.kind);
  return kind >= protocol::ResourceKind::Mutex && kind <= protocol::ResourceKind::Spinlock;
}

/// Who has the turn ends its wait. For a lock it is not ordered by that: it will take it some time.
void goesOn(Controlled& waiter) {
  waiter.state = Controlled::State::Ready;
  if (eventsRecorded && !isLock(waiter.awaited))
    recordEvent(nullptr, 0, protocol::EventKind::Wake, waiter.pending.thread);
}

}  // namespace

void startControl() {
  const protocol::PlanSchedule& settings = plan.schedule;
  replaying = settings.strategy == protocol::ScheduleStrategy::Replay;
  switch (settings.strategy) {
    case protocol::ScheduleStrategy::Replay: strategy = &kReplay; break;
    case protocol::ScheduleStrategy::Random: strategy = &kRandom; break;
    case protocol::ScheduleStrategy::Pct: strategy = &kPct; break;
    case protocol::ScheduleStrategy::Pos: strategy = &kPos; break;
    case protocol::ScheduleStrategy::Surw: strategy = &kSurw; break;
    case protocol::ScheduleStrategy::Stall: strategy = &kStall; break;
    case protocol::ScheduleStrategy::Race: strategy = &kRace; break;
    case protocol::ScheduleStrategy::Deadlock: strategy = &kDeadlock; break;
    case protocol::ScheduleStrategy::Gap: strategy = &kGap; break;
    case protocol::ScheduleStrategy::Scope:
      strategy = &kScope;
      break;
    case protocol::ScheduleStrategy::Block:
      strategy = &kBlock;
      break;
  }
  setDeviations(plan.deviations.begin(), plan.deviations.size(), settings.strict != 0);
  setTrail(plan.trail.begin(), plan.trail.size(), settings.trailStride);
  draws.seed(mix(plan.header.seed));
  openChoices.begin(mix(plan.header.seed + 1));
  spuriousLeft = settings.spurious;
  strategy->begin({plan.header.seed, settings.depth, settings.expectedSteps, settings.focus, plan.focus.begin(),
                   plan.focus.size(), plan.header.attempt, settings.order, holdsById, lentTo, noteParked});
  watches = plan.places.size() != 0;
  startWatch();
  startFrameWatch();
  rereadInput();
  pinToProcessor(settings.processor);
  beginScheduleRecord();
  noteProgress(0, 0, 0, 1);
  if ((settings.records & protocol::kRecordProfile) != 0) beginProfile();
  if ((settings.records & protocol::kRecordTrace) != 0) beginTrace();
  if ((settings.records & protocol::kRecordEvents) != 0) beginEvents();
  watchCrashes();
  ownControlled = turnHolder = addControlled(ownThread);
  mostThreads = 1;
  scheduleControlled = true;
}

void stopControl() {
  scheduleControlled = false;
  ownControlled = turnHolder = nullptr;
}

void scheduleAnnounce(Thread* self, Address pc, Operation operation, Address object) {
  Controlled* own = turnOf();
  if (own == nullptr || (operation != Operation::Yield && keepsTurn(self))) return;
  RuntimeScope scope;
  if (operation == Operation::Exit) keepFrames();
  own->leaves = operation == Operation::Exit && !replaying && draws.below(2) == 0;
  announced(own, {threadId(own->thread), operation, changes(operation), object, 1, pc});
}

void controlAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags) {
  Controlled* own = turnOf();
  if (own == nullptr) return;
  RuntimeScope scope;
  Operation operation = operationOf(flags);
  bool atomic = (flags & protocol::kAccessAtomic) != 0;
  if (!keepsTurn(self))
    announced(own, {threadId(own->thread), operation, changes(operation), begin, size, pc, atomic}, flags);
  if (eventsRecorded && self->ignoreDepth == 0) recordEvent(self, pc, protocol::EventKind::Access, begin, size, flags);
}

RunTime scheduleNow() { return now += kClockRead; }

std::uint64_t scheduleStartSeconds() { return plan.schedule.startSeconds; }

bool scheduleWait(Thread* self, Address pc, const Resource& resource, RunTime deadline) {
  Controlled* own = turnOf();
  if (own == nullptr) return true;
  RuntimeScope scope;
  own->awaited = resource;
  own->byWord = endsByWord(resource);
  own->deadline = deadline;
  if (deadline == kNever) blockBegin(self, pc, resource);
  if (watches) watchWait(*own, now);
  bool came = waitFor(own);
  if (deadline == kNever) blockEnd(self);
  return came;
}

bool scheduleWaitOutside(Thread*, Address, bool (*ready)(void*), void* data, RunTime deadline) {
  Controlled* own = turnOf();
  if (own == nullptr) return true;
  RuntimeScope scope;
  own->awaited = {0, 0, kNoThread};
  own->ready = ready;
  own->readyData = data;
  own->deadline = deadline;
  if (watches) watchWait(*own, now);
  return waitFor(own);
}

std::size_t scheduleWake(Thread*, Address object, std::size_t most) {
  Controlled* own = turnOf();
  if (own == nullptr) return 0;
  RuntimeScope scope;
  static GrowingArray<ThreadId> waiters;
  waiters.clear();
  for (Controlled* each : controlled)
    if (each->state == Controlled::State::Waiting && each->awaited.address == object && !each->byWord)
      waiters.push(each->pending.thread);
  for (std::size_t i = 1; i < waiters.size(); ++i)
    for (std::size_t j = i; j != 0; --j) {
      if (findControlled(waiters[j])->waitingSince > findControlled(waiters[j - 1])->waitingSince) break;
      ThreadId swapped = waiters[j];
      waiters[j] = waiters[j - 1];
      waiters[j - 1] = swapped;
    }
  std::size_t woken = 0;
  while (woken < most && waiters.size() != 0) {
    std::size_t index = 0;
    if (most < waiters.size() + woken) {
      DecisionKey key = keyOf(*own);
      index = strategyIsDone() ? 0 : strategy->wake(key, waiters.begin(), waiters.size());
      if (const Divergence* diverged = divergence()) tellDivergence(*diverged);
      if (index != 0) recordDeviation(protocol::DeviationKind::Wake, key, waiters[index], step, hash);
      traceWake(key, waiters.begin(), waiters.size(), waiters[index], step, hash);
    }
    goesOn(*findControlled(waiters[index]));
    for (std::size_t i = index; i + 1 < waiters.size(); ++i) waiters[i] = waiters[i + 1];
    waiters.pop();
    ++woken;
  }
  return woken;
}

void scheduleResumed(Thread* self, Task& task) {
  if (!watches || turnOf() == nullptr) return;
  RuntimeScope scope;
  watchResumed(self, task);
}

std::uint32_t scheduleChoose(Thread*, Address pc, std::uint32_t count) {
  Controlled* own = turnOf();
  if (own == nullptr) return 0;
  RuntimeScope scope;
  ++step;
  DecisionKey key{own->pending.thread, pc, countOccurrence(own->pending.thread, pc)};
  std::uint32_t chosen = strategyIsDone() ? 0 : replaying ? replayChoice(key, count) : openChoices.choose(count);
  if (const Divergence* diverged = divergence()) tellDivergence(*diverged);
  if (chosen != 0) recordDeviation(protocol::DeviationKind::Choose, key, chosen, step, hash);
  traceChoice(key, count, chosen, step, hash);
  hash = mix(hash + mix(std::uint64_t{chosen} << 32 | count));
  noteProgress(step, point, hash, mostThreads);
  return chosen;
}

void scheduleInterrupt(ThreadId target) {
  if (turnOf() == nullptr) return;
  Controlled* waiting = findControlled(target);
  if (waiting == nullptr || waiting->state != Controlled::State::Waiting || isLock(waiting->awaited)) return;
  goesOn(*waiting);
}

void scheduleCreated(Thread* child) {
  Controlled* own = turnOf();
  if (own == nullptr) return;
  if (eventsRecorded) recordEvent(own->thread, own->pending.pc, protocol::EventKind::Create, threadId(child));
  child->plan.controlled = addControlled(child);
  if (own->pending.isAt(protocol::SiteKind::Lend)) child->plan.controlled->lentAt = own->pending.site;
  if (controlled.size() > mostThreads) mostThreads = controlled.size();
}

void scheduleCreateFailed(Thread* child) {
  if (Controlled* gone = findControlled(threadId(child)); gone != nullptr && turnOf() != nullptr) removeControlled(gone);
}

void scheduleBegin(Thread* self) {
  ownControlled = self->plan.controlled;
  if (ownControlled != nullptr) awaitTurn(ownControlled);
}

void scheduleFinish(Thread* self) {
  if (turnOf() != nullptr) leaveStack(self);
}

void scheduleMapped(Address begin, std::size_t size) {
  if (turnOf() != nullptr) replaceStacks(begin, size);
}

void scheduleEnd(ThreadId self) {
  Controlled* own = turnOf();
  if (own == nullptr) return;
  DecisionKey key{self, 0, countOccurrence(self, 0)};
  for (Controlled* each : controlled)
    if (each->awaited.target == self && each->state == Controlled::State::Waiting &&
        each->awaited.kind == static_cast<std::uint32_t>(protocol::ResourceKind::Join))
      each->state = Controlled::State::Ready;
  removeControlled(own);
  ownControlled = nullptr;
  if (controlled.size() != 0) leaveTurn(pick(nullptr, key, false));
}

bool scheduleIsAlive(ThreadId target) { return findControlled(target) != nullptr; }

}  // namespace deadheat::rt
