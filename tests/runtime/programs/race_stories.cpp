// Accesses to plain memory: those that race, though other detectors lose some of them, and those that only look so.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "stories.h"

namespace {

/// Lets threads take turns without ordering their accesses.
class Turns {
 public:
  void reach(int turn) { now_.store(turn, std::memory_order_relaxed); }
  void await(int turn) const {
    while (now_.load(std::memory_order_relaxed) < turn) usleep(100);
  }

 private:
  std::atomic<int> now_{0};
};

int shared;
char bytes[64];
long words[1 << 20];

thread_local volatile int sink;

}  // namespace

// Named, so that the test finds them in the stacks.
extern "C" __attribute__((noinline)) void writeFirst(int* p) { *p = 1; }
extern "C" __attribute__((noinline)) void writeSecond(int* p) { *p = 2; }
extern "C" __attribute__((noinline)) void readThird(const volatile int* p) { sink = *p; }
extern "C" __attribute__((noinline)) void callsFirst(int* p) {
  writeFirst(p);
  asm volatile("");
}
extern "C" __attribute__((noinline)) void callsSecond(int* p) {
  writeSecond(p);
  asm volatile("");
}
// Not to be inlined either.
void (std::vector<int>::*volatile pushBack)(const int&) = &std::vector<int>::push_back;
extern "C" __attribute__((noinline)) void pushOne(std::vector<int>& numbers) { (numbers.*pushBack)(1); }

namespace {

/// `first` runs in a thread, then, not ordered after it, `second` in this one.
template <class First, class Second>
void oneAfterTheOther(First first, Second second) {
  Turns turns;
  std::thread thread([&] {
    first();
    turns.reach(1);
    turns.await(2);
  });
  turns.await(1);
  second();
  turns.reach(2);
  thread.join();
}

void plainRace() {
  oneAfterTheOther([] { callsFirst(&shared); }, [] { callsSecond(&shared); });
}

void readersDoNotRace() {
  oneAfterTheOther([] { readThird(&shared); }, [] { readThird(&shared); });
}

void joinOrders() {
  std::thread([] { writeFirst(&shared); }).join();
  writeSecond(&shared);
}

void creationOrders() {
  writeFirst(&shared);
  std::thread([] { writeSecond(&shared); }).join();
}

void lockOrders() {
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        std::lock_guard guard(mutex);
        ++shared;
      }
    });
  for (std::thread& thread : threads) thread.join();
  ++shared;
}

void neighboursDoNotRace() {
  oneAfterTheOther([] { bytes[0] = bytes[2] = 1; }, [] { bytes[1] = bytes[3] = 2; });
}

/// Eight accesses to one word; the oldest is the one that matters.
void eightBytesOfOneThread() {
  oneAfterTheOther(
      [] {
        for (volatile char* p = bytes; p != bytes + 8; ++p) *p = 1;
      },
      [] { *static_cast<volatile char*>(bytes) = 2; });
}

void eightThreadsOneByteEach() {
  Turns turns;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&turns, t] {
      bytes[t] = 1;
      turns.reach(t + 1);
      turns.await(9);
    });
    turns.await(t + 1);
  }
  bytes[0] = 2;
  turns.reach(9);
  for (std::thread& thread : threads) thread.join();
}

/// Of 32 readers only one is not ordered before the writer.
void oneReaderOfMany() {
  Turns turns;
  std::vector<std::thread> readers;
  for (int t = 0; t < 32; ++t) {
    readers.emplace_back([&turns, t] {
      readThird(&shared);
      turns.reach(t + 1);
      turns.await(33);
    });
    turns.await(t + 1);
  }
  turns.reach(33);
  for (std::size_t t = 0; t < readers.size(); ++t)
    if (t != 5) readers[t].join();
  writeSecond(&shared);
  readers[5].join();
}

void fiveMillionReleasesLater() {
  oneAfterTheOther([] { writeFirst(&shared); },
                   [] {
                     std::atomic<int> unrelated{0};
                     for (int i = 0; i < 5000000; ++i) unrelated.store(i, std::memory_order_release);
                     writeSecond(&shared);
                   });
}

/// What the first thread does after its access must not cost us its stack.
void millionAccessesLater() {
  oneAfterTheOther(
      [] {
        callsFirst(&shared);
        for (long& word : words) *static_cast<volatile long*>(&word) = 1;
      },
      [] { writeSecond(&shared); });
}

void atomicAgainstPlain() {
  static std::atomic<int> counter;
  oneAfterTheOther([] { counter.fetch_add(1, std::memory_order_seq_cst); },
                   [] { writeSecond(reinterpret_cast<int*>(&counter)); });
}

void usedAfterFree() {
  static int* block = static_cast<int*>(malloc(64));
  oneAfterTheOther([] { free(block); }, [] { readThird(block + 3); });
}

void freedAfterUse() {
  static int* block = static_cast<int*>(malloc(64));
  oneAfterTheOther([] { readThird(block + 3); }, [] { free(block); });
}

/// The library frees; whose turn it was is not seen, but not that nobody may come after it.
void usedAfterLibraryFreed() {
  static auto* error = new std::runtime_error("a message in a block of the library's");
  static const char* text = error->what();
  oneAfterTheOther([] { delete error; }, [] { sink = text[0]; });
}

/// A text has one owner, whatever code frees it.
void textFreedAfterUse() {
  static auto* text = new std::string(100, 'x');
  static const char* characters = text->data();
  oneAfterTheOther([] { sink = characters[50]; }, [] { text->append(10000, 'y'); });
}

void allocatedAnew() {
  for (int round = 0; round < 100; ++round) {
    static int* block;
    oneAfterTheOther(
        [] {
          int* own = static_cast<int*>(malloc(64));
          writeFirst(own);
          free(own);
        },
        [] {
          block = static_cast<int*>(malloc(64));
          writeSecond(block);
          free(block);
        });
  }
}

/// A report about the word must not hide the next one.
void threeRacesOnOneWord() {
  oneAfterTheOther([] { writeFirst(&shared); },
                   [] {
                     writeSecond(&shared);
                     readThird(&shared);
                     *static_cast<volatile int*>(&shared) = 5;
                   });
}

/// What follows is not of the same epoch as what came before.
void beginEpoch() {
  std::mutex mutex;
  std::lock_guard guard(mutex);
}

/// The line that races is reached through two functions on both sides.
void oneLineOnManyWays() {
  oneAfterTheOther(
      [] {
        writeFirst(&shared);
        beginEpoch();
        callsFirst(&shared);
      },
      [] {
        writeSecond(&shared);
        beginEpoch();
        callsSecond(&shared);
      });
}

/// The line that races is reached through one function, for two variables.
void oneLineTwoVariables() {
  static int other;
  oneAfterTheOther(
      [] {
        writeFirst(&shared);
        writeFirst(&other);
      },
      [] {
        writeSecond(&shared);
        beginEpoch();
        writeSecond(&other);
      });
}

/// One line of each thread uses the vector, through whatever functions of the library.
void containerUsedByTwo() {
  using Numbers = std::vector<int>;
  static Numbers numbers;
  oneAfterTheOther([] { pushOne(numbers); },
                   [] {
                     for (auto ask : {&Numbers::size, &Numbers::capacity}) {
                       sink = static_cast<int>((numbers.*ask)());
                       beginEpoch();
                     }
                   });
}

/// Same code a thousand times: one race.
void raceInALoop() {
  oneAfterTheOther(
      [] {
        for (int i = 0; i < 1000; ++i) writeFirst(&shared);
      },
      [] {
        for (int i = 0; i < 1000; ++i) writeSecond(&shared);
      });
}

void copiedWhileWritten() {
  static char from[256], to[256];
  oneAfterTheOther([] { static_cast<volatile char*>(from)[100] = 1; },
                   [] {
                     memcpy(to, from, sizeof(to));
                     asm volatile("" ::"r"(to) : "memory");
                   });
}

void acrossWords() {
  static char area[32];
  struct __attribute__((packed)) Odd {
    char pad;
    long value;
  };
  oneAfterTheOther([] { reinterpret_cast<volatile Odd*>(area + 2)->value = 1; },
                   [] { static_cast<volatile char*>(area)[10] = 1; });
}

/// By a pointer to a type it is not aligned for: the last bytes lie in the next word.
void acrossWordsByCast() {
  alignas(8) static char area[32];
  for (int turn = 0; turn < 2; ++turn) *reinterpret_cast<volatile int*>(area + 7) = 1;
  std::memset(area, 0, sizeof area);
  oneAfterTheOther([] { *reinterpret_cast<volatile int*>(area + 7) = 1; },
                   [] { static_cast<volatile char*>(area)[9] = 1; });
}

/// Stacks are used again by threads that nothing orders after the ones before.
void stacksAreReused() {
  static Turns turns;
  for (int i = 1; i <= 50; ++i) {
    std::thread([i] {
      volatile int local[64];
      for (volatile int& slot : local) slot = 1;
      turns.reach(i);
    }).detach();
    turns.await(i);
    usleep(200);
  }
}

void* smallStackMain(void*) {
  volatile char local[2048];
  for (volatile char& c : local) c = 1;
  callsFirst(&shared);
  return nullptr;
}

void raceOnSmallStacks() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  pthread_t threads[8];
  for (pthread_t& thread : threads) pthread_create(&thread, &attributes, smallStackMain, nullptr);
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
}

__attribute__((noinline)) int recurse(int depth) {
  if (depth == 0) {
    callsFirst(&shared);
    return 0;
  }
  int result = recurse(depth - 1) + 1;
  asm volatile("");
  return result;
}

void raceDeepInRecursion() {
  oneAfterTheOther([] { recurse(50000); }, [] { callsSecond(&shared); });
}

jmp_buf back;
__attribute__((noinline)) void jumpOut(int i) {
  shared += i & 0;
  longjmp(back, 1);
}
__attribute__((noinline)) void callsJumpOut(int i) {
  jumpOut(i);
  asm volatile("");
}

/// Frames left by longjmp must not stay on the stack that is reported.
void raceAfterLongjmp() {
  oneAfterTheOther([] { callsFirst(&shared); },
                   [] {
                     for (static int i = 0; i < 1000; ++i)
                       if (setjmp(back) == 0) callsJumpOut(i);
                     callsSecond(&shared);
                   });
}

void manyThreads() {
  std::mutex mutex;
  for (int i = 0; i < 5000; ++i)
    std::thread([&] {
      std::lock_guard guard(mutex);
      ++shared;
    }).join();
}

void manyAtOnce() {
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < 1000; ++i)
    threads.emplace_back([&] {
      std::lock_guard guard(mutex);
      ++shared;
    });
  for (std::thread& thread : threads) thread.join();
}

/// Thread numbers are used again; that must not make an ended thread's access look ordered.
/// So many threads that the records of those in the middle are not kept.
void raceAfterManyThreads() {
  auto nothing = [](void*) -> void* { return nullptr; };
  for (int i = 0; i < 24000; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, nothing, nullptr) != 0) abort();
    pthread_join(thread, nullptr);
  }
  oneAfterTheOther([] { callsFirst(&shared); }, [] { callsSecond(&shared); });
}

void raceWithThreadLongEnded() {
  static std::vector<pthread_t> ended;
  auto body = [](void*) -> void* {
    writeFirst(&shared);
    return nullptr;
  };
  pthread_t first;
  pthread_create(&first, nullptr, body, nullptr);
  usleep(50000);
  for (int i = 0; i < 300; ++i) std::thread([] { std::this_thread::yield(); }).join();
  Turns turns;
  std::thread second([&] {
    writeSecond(&shared);
    turns.reach(1);
  });
  turns.await(1);
  second.join();
  pthread_join(first, nullptr);
}

void killed() {
  plainRace();
  raise(SIGKILL);
}

void crashed() {
  plainRace();
  *static_cast<volatile int*>(nullptr) = 1;
}

void endsWithOwnCode() {
  plainRace();
  exit(3);
}

/// Other threads run, and hold who knows what, while the process is copied.
void raceInForkedChild() {
  std::atomic<bool> stop{false};
  std::vector<std::thread> busy;
  for (int t = 0; t < 2; ++t)
    busy.emplace_back([&stop, t] {
      std::mutex mutex;
      while (!stop.load(std::memory_order_relaxed)) {
        std::lock_guard guard(mutex);
        ++words[t];
        free(malloc(100));
      }
    });
  for (int i = 0; i < 5; ++i) {
    pid_t child = fork();
    if (child == 0) {
      plainRace();
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) abort();
  }
  stop.store(true, std::memory_order_relaxed);
  for (std::thread& thread : busy) thread.join();
}

/// Accesses of four bytes that the compiler takes for aligned, and which end in the next granule; all under a lock. What
/// is known of the place is wanted back when it ends.
void acrossGranulesByCast() {
  auto* block = static_cast<char*>(std::malloc(64));
  std::mutex lock;
  auto use = [&] {
    for (int i = 0; i < 50; ++i) {
      std::lock_guard<std::mutex> guard(lock);
      volatile int* odd = reinterpret_cast<volatile int*>(block + 15 + 8 * (i % 4));
      *odd = *odd + 1;
    }
  };
  std::thread other(use);
  use();
  other.join();
  std::free(block);
  std::free(std::malloc(64));
}

/// The parent's threads are gone in the child, so what they did is past.
void childOwnsItsCopy() {
  Turns turns;
  std::thread thread([&] {
    writeFirst(&shared);
    turns.reach(1);
    turns.await(2);
  });
  turns.await(1);
  pid_t child = fork();
  if (child == 0) {
    writeSecond(&shared);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  turns.reach(2);
  thread.join();
}

}  // namespace

int main(int argc, char** argv) {
  static const Story stories[] = {
      {"plainRace", plainRace}, {"readersDoNotRace", readersDoNotRace}, {"joinOrders", joinOrders},
      {"creationOrders", creationOrders}, {"lockOrders", lockOrders}, {"neighboursDoNotRace", neighboursDoNotRace},
      {"eightBytesOfOneThread", eightBytesOfOneThread}, {"eightThreadsOneByteEach", eightThreadsOneByteEach},
      {"oneReaderOfMany", oneReaderOfMany}, {"fiveMillionReleasesLater", fiveMillionReleasesLater},
      {"millionAccessesLater", millionAccessesLater}, {"atomicAgainstPlain", atomicAgainstPlain},
      {"usedAfterFree", usedAfterFree}, {"freedAfterUse", freedAfterUse}, {"allocatedAnew", allocatedAnew},
      {"usedAfterLibraryFreed", usedAfterLibraryFreed}, {"textFreedAfterUse", textFreedAfterUse},
      {"threeRacesOnOneWord", threeRacesOnOneWord}, {"raceInALoop", raceInALoop},
      {"oneLineOnManyWays", oneLineOnManyWays}, {"oneLineTwoVariables", oneLineTwoVariables},
      {"containerUsedByTwo", containerUsedByTwo},
      {"copiedWhileWritten", copiedWhileWritten}, {"acrossWords", acrossWords}, {"acrossWordsByCast", acrossWordsByCast}, {"stacksAreReused", stacksAreReused},
      {"raceOnSmallStacks", raceOnSmallStacks}, {"raceDeepInRecursion", raceDeepInRecursion},
      {"raceAfterLongjmp", raceAfterLongjmp}, {"manyThreads", manyThreads}, {"manyAtOnce", manyAtOnce},
      {"raceWithThreadLongEnded", raceWithThreadLongEnded},
      {"raceAfterManyThreads", raceAfterManyThreads}, {"killed", killed}, {"crashed", crashed},
      {"endsWithOwnCode", endsWithOwnCode}, {"raceInForkedChild", raceInForkedChild},
      {"childOwnsItsCopy", childOwnsItsCopy}, {"acrossGranulesByCast", acrossGranulesByCast},
  };
  return runStory(stories, argc, argv);
}
