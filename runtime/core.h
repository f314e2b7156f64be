// The verbs of the runtime: what interceptors and compiler hooks say, and what the detectors understand.
//
// abi/ and intercept/ know pthreads and the `__tsan_*` names; they translate into these verbs and nothing else.
// detect/ (clocks, shadow memory, lock graph, wait-for graph), schedule/ and record/ implement them. No verb allocates
// with malloc, calls a function we intercept, or holds a runtime lock while user code runs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace deadheat::rt {

using Address = std::uintptr_t;

/// True in the shared library that is loaded into programs which were not instrumented (preload/).
#ifdef DEADHEAT_PRELOADED
inline constexpr bool kPreloaded = true;
#else
inline constexpr bool kPreloaded = false;
#endif
using ThreadId = std::uint32_t;
inline constexpr ThreadId kNoThread = ~0u;

struct Thread;  // runtime/detect/thread.h

/// The calling thread's state; created on first use, so never null after the runtime is up. Null before that, inside
/// the runtime itself (re-entrance), and after the thread's state was given up: callers then do nothing.
Thread* currentThread();

/// Brings the runtime up: allocator, plan, recording, main thread. Idempotent; called by __tsan_init, the first
/// interceptor or the preload constructor, whichever comes first. Needs no constructor of ours to have run.
void initialize();

// ---- Threads (detect/thread.cpp) -------------------------------------------------------------------------------------

/// Parent is about to create a thread: makes its state, ordered after everything the parent did. `entry` is the start
/// routine as the program gave it.
Thread* threadCreate(Thread* parent, Address pc, Address entry);
/// The creation failed; the state goes away.
void threadCreateFailed(Thread* child);
/// First thing the new thread does. `handle` is its pthread_t.
void threadStart(Thread* self);
/// Last thing a thread does, after its thread_local destructors.
void threadFinish(Thread* self);
/// `target` ended and `self` knows it (join): everything target did is ordered before self.
void threadJoined(Thread* self, Thread* target);
ThreadId threadId(const Thread* thread);
/// State of a thread of this process by id, null if it was given up.
Thread* threadById(ThreadId id);
void threadSetName(Thread* thread, const char* name);
/// Nobody will join `target`: its state goes away with its end, or now if it has ended.
void threadDetached(Thread* target);

// ---- Start and fork: initialize() and the fork handlers (detect/start.cpp) call these, each part defines its own ------

/// intercept/: looks up the real functions, watches the main thread's end. The calling thread has its state already.
void interceptStart();
/// schedule/: reads the plan, if the environment names one, and sets planActive.
void scheduleStart();
/// The process is to become a fork server (schedule/fork_server.h): at the program's own first constructor, when its
/// libraries are up. Returns in each copy, with its plan read.
extern bool scheduleAwaited;
void scheduleAwait();
/// Around a fork, in the thread that forks; pthread_atfork calls them, and what forks without it.
void beforeFork();
void afterForkInParent();
void afterForkInChild();
/// In the child of a fork, where only `self` goes on: opens locks that the others held, forgets what they held and waited
/// for. intercept/, detect/locks.cpp with detect/waits.cpp, schedule/.
void interceptForked(Thread* self);
/// Before a fork and after it in the parent: nobody changes the lock graph or the list of blocked threads meanwhile.
void locksBeforeFork();
void locksAfterFork();
void locksForked(Thread* self);
void scheduleForked(Thread* self);

// ---- Happens-before (detect/sync.cpp): a clock an address ------------------------------------------------------------

void acquire(Thread* self, Address object);
/// The object's clock also takes what it already held (mutex, semaphore, RMW release).
void release(Thread* self, Address object);
/// The object's clock becomes self's alone (release store).
void releaseStore(Thread* self, Address object);
void acquireRelease(Thread* self, Address object);
/// Comes after everything that any thread did so far.
void acquireEverything(Thread* self);
/// The object ceases to be: its clock is dropped.
void syncDestroy(Thread* self, Address object);
/// The same for every object in [begin, begin + size). memoryFreed does it too.
void syncDestroyRange(Address begin, std::size_t size);

// ---- Memory (detect/shadow.cpp) --------------------------------------------------------------------------------------

/// A plain or atomic access of any size. `flags` are protocol::AccessFlags. `pc`, here and in every verb, is the return
/// address of the call that told us: the operation lies just before it. Recorded stacks begin with pc - 1.
void memoryAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags);
/// A block comes to life: earlier accesses to its bytes, and to those after them up to `room`, no longer count.
void memoryAllocated(Thread* self, Address pc, Address begin, std::size_t size, std::size_t room = 0);
/// The same for pages, which are no block.
void memoryMapped(Thread* self, Address pc, Address begin, std::size_t size);
/// A block ends: a write to all of it, remembered, so that later accesses by others race with it.
void memoryFreed(Thread* self, Address pc, Address begin, std::size_t size);
/// Bytes that become unknown (munmap, stack of an ended thread): no history.
void memoryForgotten(Address begin, std::size_t size);

// ---- Call stacks (detect/stack.cpp) ----------------------------------------------------------------------------------

/// Calling context: a node of the process-wide tree of (parent, return address). Two accesses with equal context and pc
/// have equal stacks; nothing is ever forgotten.
using Context = std::uint32_t;
void functionEnter(Thread* self, Address returnAddress);
void functionExit(Thread* self);
Context currentContext(const Thread* self);
/// Writes the stack innermost first: pc, then return addresses. Returns the number written, at most `capacity`.
std::size_t unwind(Context context, Address pc, Address* out, std::size_t capacity);

// ---- Locks (detect/locks.cpp): lock-order graph, held sets, misuse ---------------------------------------------------

/// The last three are no locks, but waited for and destroyed like them (detect/wait_objects.h).
enum class LockClass : std::uint8_t { Mutex, RecursiveMutex, RwLock, Spinlock, Condition, Semaphore, Barrier };
enum class Mode : std::uint8_t { Exclusive, Shared };
enum class Attempt : std::uint8_t { Blocking, Try, Timed };

void lockCreated(Thread* self, Address pc, Address lock, LockClass kind);
void lockDestroyed(Thread* self, Address pc, Address lock);
/// Before the attempt: adds order edges (blocking attempts), reports cycles, lets the schedule hold the thread.
void beforeLock(Thread* self, Address pc, Address lock, LockClass kind, Mode mode, Attempt attempt);
/// The attempt succeeded: acquire edge, held set.
void afterLock(Thread* self, Address pc, Address lock, LockClass kind, Mode mode, Attempt attempt);
/// Before the release: release edge, held set, misuse.
void beforeUnlock(Thread* self, Address pc, Address lock);

struct HeldLock {
  Address lock;
  std::uint64_t instance;
  Context context;  ///< Where it was taken.
  Address pc;
  Mode mode;
  std::uint32_t recursion;
};
inline constexpr std::size_t kMaxHeldShown = 16;
std::size_t heldLocks(const Thread* self, HeldLock* out, std::size_t capacity);

// ---- Waiting (detect/waits.cpp): the wait-for graph ------------------------------------------------------------------

/// What a thread may be stuck on; protocol::ResourceKind values.
struct Resource {
  std::uint32_t kind;
  Address address;
  ThreadId target;  ///< Join: the thread waited for.
  /// Not null: the wait ends as soon as `*word != expected`, whoever changed it.
  const int* word = nullptr;
  int expected = 0;
  Address mutex = 0;  ///< Condition: the lock that the thread takes again once it is woken.
};
/// `self` is about to block in the kernel without a time limit. Looks for a set of threads that can never go on; if
/// there is one, reports it and ends the process. Call blockEnd on return.
void blockBegin(Thread* self, Address pc, const Resource& resource);
void blockEnd(Thread* self);

// ---- Schedule (schedule/schedule.cpp): only when a plan is loaded ----------------------------------------------------

/// Set once in initialize(); hooks test it before they call the rest.
extern bool planActive;
/// Called before an access, before it is made or checked. May hold the thread.
void planAccess(Thread* self, Address pc, Address begin, std::size_t size, std::uint32_t flags);
/// Called by beforeLock. May hold the thread.
void planLock(Thread* self, Address pc, Address lock);
/// Called by functionEnter/Exit, so that code inlined from or called by a site counts as the site.
void planEnter(Thread* self, Address returnAddress);
/// `frameEnd`: all of the stack below was the function's; `pc` is the return address of the call that tells.
void planExit(Thread* self, Address frameEnd, Address pc);

// ---- Controlled schedule (schedule/engine.cpp): one thread runs at a time, only when the plan asks for it --------------

enum class Operation : std::uint8_t {
  Start = 1, Read, Write, Update, Free, Lock, TryLock, Unlock, Wait, Wake, Arrive, Create, Join, Detach, End, Yield, Sleep,
  Input, Exit, Once,
};

/// Set once in initialize(); callers test it before they call the rest. False again in the child of a fork.
#ifdef DEADHEAT_PRELOADED
inline constexpr bool scheduleControlled = false;
#else
extern bool scheduleControlled;
#endif
/// `self` is about to perform an operation on `object`. Returns when it is its turn to; others may have run meanwhile.
void scheduleAnnounce(Thread* self, Address pc, Operation operation, Address object);

/// A point in the run's own time, in nanoseconds since its start. The clock stands still while threads run and moves when
/// a time is waited for; any thread may be slow, so a time may be over as soon as somebody waits for it.
using RunTime = std::uint64_t;
inline constexpr RunTime kNever = ~RunTime{0};
RunTime scheduleNow();
/// What the calendar says at the start of the run, in seconds since 1970.
std::uint64_t scheduleStartSeconds();

/// What `self` announced cannot happen now. Others run until it can: for a lock, a semaphore or an initialiser until its
/// word says so, for all else until scheduleWake. False if `deadline` was over first. When nobody can go on, ends the
/// process with a deadlock report.
bool scheduleWait(Thread* self, Address pc, const Resource& resource, RunTime deadline = kNever);
/// The same for something outside: `ready(data)` says whether it has come. Calls nothing of the program.
bool scheduleWaitOutside(Thread* self, Address pc, bool (*ready)(void*), void* data, RunTime deadline = kNever);
inline constexpr std::size_t kEverybody = ~std::size_t{0};
/// At most `most` threads that wait for `object` can go on. Returns how many there were.
std::size_t scheduleWake(Thread* self, Address object, std::size_t most);

/// The program leaves it open which of `count` (at least 2) things it does next. Returns the index of one; 0 is the default.
std::uint32_t scheduleChoose(Thread* self, Address pc, std::uint32_t count);

/// `self` goes on with `task`, which was suspended.
void scheduleResumed(Thread* self, struct Task& task);

/// Whatever `target` waits for, unless it is a lock: it can go on as if it had come.
void scheduleInterrupt(ThreadId target);

/// In a thread's life: made by `parent` (or not, after all); its first words, before its state is anybody's; its last,
/// after. `target` has not said its last.
void scheduleCreated(Thread* child);
void scheduleCreateFailed(Thread* child);
void scheduleBegin(Thread* self);
/// Its stack and its thread-local variables are no more.
void scheduleFinish(Thread* self);
void scheduleEnd(ThreadId self);
/// The pages are somebody else's from now on.
void scheduleMapped(Address begin, std::size_t size);
bool scheduleIsAlive(ThreadId target);

}  // namespace deadheat::rt
