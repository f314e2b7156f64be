#include "runtime/schedule/hold.h"

#include <ctime>

#include "runtime/detect/mix.h"
#include "runtime/detect/thread.h"
#include "runtime/detect/waits.h"
#include "runtime/record/recording.h"
#include "runtime/schedule/plan.h"

namespace deadheat::rt {

SpinLock holdTableLock;
Hold* holds[kMostHeld];
std::size_t holdCount;

namespace {

constexpr long kSliceMicros = 500;
constexpr long kStepBackMicros = 3000;
constexpr std::uint32_t kAlwaysHeld = 4;      ///< The first occurrences of an operation that are all held.
constexpr std::size_t kCounters = 4096;
constexpr std::uint32_t kHoldsRecorded = 8;  ///< SiteReached records of holds, a site.
constexpr std::size_t kSitesCounted = 4096;

std::uint32_t occurrences[kCounters];  ///< By hash of pc.
std::uint32_t reached[kSitesCounted];  ///< By site: 1 + number of holds recorded.
std::uint64_t microsHeld;              ///< Sum over all holds; guarded by holdTableLock.

std::uint64_t nowMicros() {
  timespec time{};
  rawSyscall(SYS_clock_gettime, CLOCK_MONOTONIC, reinterpret_cast<long>(&time));
  return static_cast<std::uint64_t>(time.tv_sec) * 1000000 + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

std::uint64_t draw(std::uint64_t a, std::uint64_t b) {
  return mix(plan.header.seed + mix(plan.header.attempt + mix(a + mix(b))));
}

/// Nobody is left who could arrive while these threads are held.
bool nobodyElse() { return threadsNotBlocked() <= holdCount; }

void leave(Hold& hold) {
  for (std::size_t i = 0; i < holdCount; ++i)
    if (holds[i] == &hold) {
      holds[i] = holds[--holdCount];
      return;
    }
}

}  // namespace

bool mayHold() {
  return holdCount < kMostHeld && microsHeld < plan.header.totalHoldMillis * 1000ull &&
         threadsNotBlocked() > holdCount + 1;
}

bool chooses(Address pc, std::uint32_t site) {
  std::uint32_t n = __atomic_fetch_add(&occurrences[mix(pc) % kCounters], 1, __ATOMIC_RELAXED);
  std::uint32_t attempt = plan.header.attempt;
  // Every third attempt holds at all sites, the others at one half of them each, so that either side is the one held.
  if (attempt % 3 != 0 && plan.header.siteCount > 1 && site % 2 != attempt % 3 - 1) return false;
  // Of every six attempts the last three leave out some first occurrences, more and more of them; the others do not, for
  // the sake of operations that a run makes once.
  std::uint32_t spread = attempt % 6 < 3 ? 0 : (attempt / 6 + 1) % 12;
  std::uint32_t skipped = static_cast<std::uint32_t>(draw(site, 1) % (1ull << spread));
  if (n < skipped) return false;
  n -= skipped;
  return n < kAlwaysHeld || draw(pc, n) % (n / kAlwaysHeld + 1) == 0;
}

void holdHere(Hold& hold) {
  hold.released = 0;
  holds[holdCount++] = &hold;
  noteReached(hold.thread, hold.site, true);
  std::uint64_t start = nowMicros();
  std::uint64_t end = start + plan.header.holdMillis * 1000ull;
  std::uint64_t now = start;
  while (hold.released == 0 && now < end && !nobodyElse()) {
    holdTableLock.unlock();
    futexWaitFor(&hold.released, 0, kSliceMicros);
    now = nowMicros();
    holdTableLock.lock();
  }
  int how = hold.released;
  if (how == 0 && nobodyElse()) hold.thread->plan.owesPassage = 1;
  microsHeld += now - start;
  leave(hold);
  holdTableLock.unlock();
  if (how == kGoLater) stepBack();
}

void letGo(Hold& hold, int how) {
  __atomic_store_n(&hold.released, how, __ATOMIC_RELEASE);
  futexWakeAll(&hold.released);
}

void stepBack() {
  int word = 0;
  futexWaitFor(&word, 0, kStepBackMicros);
}

void noteReached(Thread* self, std::uint32_t site, bool held) {
  if (site >= kSitesCounted) return;
  std::uint32_t before = __atomic_load_n(&reached[site], __ATOMIC_RELAXED);
  if (held ? before > kHoldsRecorded : before != 0) return;
  if (__atomic_fetch_add(&reached[site], 1, __ATOMIC_RELAXED) != before && !held) return;
  RecordWriter writer(protocol::RecordType::SiteReached);
  auto* record = writer.add<protocol::SiteReachedRecord>();
  record->site = site;
  record->thread = threadId(self);
  record->held = held ? 1 : 0;
  writer.commit();
}

void resetHolds() {
  holdTableLock.reset();
  holdCount = 0;
}

}  // namespace deadheat::rt
