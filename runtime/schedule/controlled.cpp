#include "runtime/schedule/controlled.h"

#include <linux/futex.h>
#include <sched.h>

#include "runtime/detect/kernel_tasks.h"
#include "runtime/detect/thread.h"
#include "runtime/platform/futex.h"
#include "runtime/platform/pages.h"

namespace deadheat::rt {

GrowingArray<Controlled*> controlled;
Controlled* turnHolder;
__thread Controlled* ownControlled = nullptr;

namespace {

GrowingArray<Controlled*> freeControlled;

/// What a thread still does in libc after its last words (its caches go back to the heap) is not to depend on timing, so
/// whoever runs next waits until it has left for the kernel. The kernel tells by what it does for robust mutexes: at the
/// end of a thread it marks the words in its list that hold the thread's number.
struct Ending {
  char words[64];  ///< Room for the word, which lies before the node: how far is the C library's choice.
  robust_list node;
};
alignas(16) Ending ending;
int* endingWord;  ///< The number of the thread that ends, with the bit that says that somebody waits; null: nobody does.

/// Enters `ending` in the calling thread's list, at the distance from its word that the list has.
void enterEnding() {
  robust_list_head* head = nullptr;
  std::size_t size = 0;
  if (rawSyscall(SYS_get_robust_list, 0, reinterpret_cast<long>(&head), reinterpret_cast<long>(&size)) != 0) return;
  if (head == nullptr || head->futex_offset > 0 || head->futex_offset < -static_cast<long>(sizeof(ending.words))) return;
  auto* word = reinterpret_cast<int*>(reinterpret_cast<char*>(&ending.node) + head->futex_offset);
  *word = currentTask() | static_cast<int>(FUTEX_WAITERS);
  endingWord = word;
  ending.node.next = head->list.next;
  head->list.next = &ending.node;
}

void awaitEnding() {
  constexpr int kMostLooks = 100;  ///< A thread that never gets to its end keeps nobody for ever.
  constexpr long kLookMicros = 10000;
  int* word = endingWord;
  if (word == nullptr) return;
  endingWord = nullptr;
  for (int i = 0; i < kMostLooks; ++i) {
    int now = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    if ((now & static_cast<int>(FUTEX_OWNER_DIED)) != 0) return;
    timespec limit{0, kLookMicros * 1000};
    rawSyscall(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAIT, now, reinterpret_cast<long>(&limit));
  }
}

void wakeUp(Controlled* next) {
  turnHolder = next;
  __atomic_store_n(&next->turn, 1, __ATOMIC_RELEASE);
  futexWakeAll(&next->turn);
}

}  // namespace

Controlled* addControlled(Thread* thread) {
  Controlled* added = freeControlled.size() != 0 ? freeControlled.pop()
                                                 : static_cast<Controlled*>(allocateForever(sizeof(Controlled)));
  *added = Controlled{};
  added->thread = thread;
  added->pending = {threadId(thread), Operation::Start, true, 0, 0, 0};
  added->lentAt = Event::kNoSite;
  added->deadline = kNever;
  added->awaited.target = kNoThread;
  return controlled.push(added);
}

void removeControlled(Controlled* gone) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < controlled.size(); ++i)
    if (controlled[i] != gone) controlled[kept++] = controlled[i];
  while (controlled.size() > kept) controlled.pop();
  freeControlled.push(gone);
}

Controlled* findControlled(ThreadId id) {
  for (Controlled* each : controlled)
    if (each->pending.thread == id) return each;
  return nullptr;
}

void awaitTurn(Controlled* own) {
  while (__atomic_load_n(&own->turn, __ATOMIC_ACQUIRE) == 0) futexWait(&own->turn, 0);
  own->turn = 0;
  awaitEnding();
}

void handOver(Controlled* own, Controlled* next) {
  if (next == own) return;
  wakeUp(next);
  awaitTurn(own);
}

void leaveTurn(Controlled* next) {
  // The main thread stays with the kernel to the end of the process.
  if (currentTask() != static_cast<int>(rawSyscall(SYS_getpid))) enterEnding();
  wakeUp(next);
}

void pinToProcessor(std::uint32_t number) {
  cpu_set_t allowed{};
  long bytes = rawSyscall(SYS_sched_getaffinity, 0, sizeof(allowed), reinterpret_cast<long>(&allowed));
  if (bytes <= 0) return;
  auto* words = reinterpret_cast<std::uint64_t*>(&allowed);
  auto bits = static_cast<std::uint32_t>(bytes * 8);
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < bits; ++i) count += words[i / 64] >> (i % 64) & 1;
  if (count == 0) return;
  std::uint32_t wanted = number % count;
  for (std::uint32_t i = 0; i < bits; ++i) {
    if ((words[i / 64] >> (i % 64) & 1) == 0 || wanted-- != 0) continue;
    cpu_set_t one{};
    reinterpret_cast<std::uint64_t*>(&one)[i / 64] = std::uint64_t{1} << (i % 64);
    rawSyscall(SYS_sched_setaffinity, 0, bytes, reinterpret_cast<long>(&one));
    return;
  }
}

}  // namespace deadheat::rt
