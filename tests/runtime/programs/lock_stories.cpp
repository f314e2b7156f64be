// Lock stories: inversions that can and cannot deadlock, misuse, and deadlocks that happen.
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "stories.h"

namespace {

using Lock = std::lock_guard<std::mutex>;

std::mutex a, b, c, gate;
std::shared_mutex ra, rb;
std::atomic<int> turn{0};

void await(int value) {
  while (turn.load() < value) std::this_thread::yield();
}

void nest(std::mutex& outer, std::mutex& inner) {
  Lock first(outer);
  Lock second(inner);
}

/// Runs the steps in threads of their own that are all alive, but one step after the other.
void inTurns(std::vector<std::function<void()>> steps) {
  turn = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < steps.size(); ++i)
    threads.emplace_back([&, i] {
      await(static_cast<int>(i));
      steps[i]();
      ++turn;
      await(static_cast<int>(steps.size()));
    });
  for (std::thread& thread : threads) thread.join();
}

void inversion() {
  inTurns({[] { nest(a, b); }, [] { nest(b, a); }});
}

void threeCycle() {
  inTurns({[] { nest(a, b); }, [] { nest(b, c); }, [] { nest(c, a); }});
}

void gated() {
  inTurns({[] { Lock g(gate); nest(a, b); }, [] { Lock g(gate); nest(b, a); }});
}

void oneThread() {
  nest(a, b);
  nest(b, a);
}

void joined() {
  std::thread([] { nest(a, b); }).join();
  std::thread([] { nest(b, a); }).join();
}

void createdAfter() {
  nest(a, b);
  std::thread([] { nest(b, a); }).join();
}

void readers() {
  auto nestShared = [](std::shared_mutex& outer, std::shared_mutex& inner) {
    std::shared_lock<std::shared_mutex> first(outer);
    std::shared_lock<std::shared_mutex> second(inner);
  };
  inTurns({[=] { nestShared(ra, rb); }, [=] { nestShared(rb, ra); }});
}

void readerAndWriter() {
  inTurns({[] { std::shared_lock<std::shared_mutex> first(ra); std::unique_lock<std::shared_mutex> second(rb); },
           [] { std::shared_lock<std::shared_mutex> first(rb); std::unique_lock<std::shared_mutex> second(ra); }});
}

void tryBackOff() {
  auto nestTry = [](std::mutex& outer, std::mutex& inner) {
    Lock first(outer);
    if (inner.try_lock()) inner.unlock();
  };
  inTurns({[=] { nestTry(a, b); }, [=] { nestTry(b, a); }});
}

void timedBackOff() {
  static std::timed_mutex x, y;
  auto nestTimed = [](std::timed_mutex& outer, std::timed_mutex& inner) {
    outer.lock();
    if (inner.try_lock_for(std::chrono::milliseconds(10))) inner.unlock();
    outer.unlock();
  };
  inTurns({[=] { nestTimed(x, y); }, [=] { nestTimed(y, x); }});
}

/// One thread keeps the lock for a fifth of a second and more, the other waits for the most of it.
void contended() {
  std::atomic<bool> held{false};
  std::thread holder([&] {
    std::lock_guard lock(a);
    held = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
  });
  while (!held) std::this_thread::yield();
  a.lock();
  a.unlock();
  holder.join();
}

/// The other gives up once, then waits for long enough.
void contendedForAWhile() {
  static std::timed_mutex timed;
  std::atomic<bool> held{false};
  std::thread holder([&] {
    std::lock_guard lock(timed);
    held = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  });
  while (!held) std::this_thread::yield();
  for (long limit : {30, 100000})
    if (timed.try_lock_for(std::chrono::milliseconds(limit))) timed.unlock();
  holder.join();
}

void scopedLock() {
  auto both = [](std::mutex& x, std::mutex& y) {
    for (int i = 0; i < 200; ++i) {
      std::scoped_lock lock(x, y);
      std::this_thread::yield();
    }
  };
  std::thread one([=] { both(a, b); });
  std::thread other([=] { both(b, a); });
  one.join();
  other.join();
}

void recursive() {
  static std::recursive_mutex r;
  std::lock_guard<std::recursive_mutex> once(r);
  std::lock_guard<std::recursive_mutex> twice(r);
}

void manyLocks() {
  static std::vector<std::mutex> many(70);
  for (std::mutex& m : many) m.lock();
  for (std::mutex& m : many) m.unlock();
  inTurns({[] { nest(many[0], many[69]); }, [] { nest(many[69], many[0]); }});
}

/// Two mutexes a step, always at the same addresses, taken now in one order and now in the other.
void shortLived() {
  static pthread_mutex_t x, y;
  auto nestOwn = [](pthread_mutex_t* outer, pthread_mutex_t* inner) {
    pthread_mutex_init(&x, nullptr);
    pthread_mutex_init(&y, nullptr);
    pthread_mutex_lock(outer);
    pthread_mutex_lock(inner);
    pthread_mutex_unlock(inner);
    pthread_mutex_unlock(outer);
    pthread_mutex_destroy(&x);
    pthread_mutex_destroy(&y);
  };
  inTurns({[=] { nestOwn(&x, &y); }, [=] { nestOwn(&y, &x); }, [=] { nestOwn(&x, &y); }});
}

void deadlock() {
  turn = 0;
  auto cross = [](std::mutex& mine, std::mutex& theirs) {
    Lock first(mine);
    ++turn;
    await(2);
    Lock second(theirs);
  };
  std::thread one([=] { cross(a, b); });
  std::thread other([=] { cross(b, a); });
  one.join();
  other.join();
}

/// The two are stuck; a third has work for as long as anyone cares to wait.
void partialDeadlock() {
  std::thread busy([] { for (int i = 0; i < 600; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100)); });
  deadlock();
  busy.join();
}

void spinDeadlock() {
  static pthread_spinlock_t x, y;
  pthread_spin_init(&x, 0);
  pthread_spin_init(&y, 0);
  turn = 0;
  auto cross = [](pthread_spinlock_t* mine, pthread_spinlock_t* theirs) {
    pthread_spin_lock(mine);
    ++turn;
    await(2);
    pthread_spin_lock(theirs);
  };
  std::thread one([=] { cross(&x, &y); });
  std::thread other([=] { cross(&y, &x); });
  one.join();
  other.join();
}

void selfDeadlock() {
  a.lock();
  a.lock();
}

void upgrade() {
  ra.lock_shared();
  ra.lock();
}

void errorCheck() {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, &attributes);
  if (pthread_mutex_lock(&mutex) != 0 || pthread_mutex_lock(&mutex) != EDEADLK) std::abort();
  pthread_mutex_unlock(&mutex);
  pthread_mutex_destroy(&mutex);
  pthread_mutexattr_destroy(&attributes);
}

void unlockByOther() {
  a.lock();
  std::thread([] { a.unlock(); }).join();
}

void unlockNotHeld() {
  a.lock();
  a.unlock();
  a.unlock();
}

void destroyLocked() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  pthread_mutex_destroy(&mutex);
}

void deleteLocked() {
  auto* mutex = new std::mutex;
  mutex->lock();
  delete mutex;
}

void endHolding() {
  std::thread([] { a.lock(); }).join();
}

void orphaned() {
  std::thread([] { a.lock(); }).join();
  a.lock();
}

const Story kStories[] = {
    {"inversion", inversion}, {"threeCycle", threeCycle}, {"gated", gated}, {"oneThread", oneThread},
    {"joined", joined}, {"createdAfter", createdAfter}, {"readers", readers}, {"readerAndWriter", readerAndWriter},
    {"tryBackOff", tryBackOff}, {"timedBackOff", timedBackOff}, {"contended", contended}, {"contendedForAWhile", contendedForAWhile},
    {"scopedLock", scopedLock}, {"recursive", recursive},
    {"manyLocks", manyLocks}, {"shortLived", shortLived}, {"deadlock", deadlock},
    {"partialDeadlock", partialDeadlock}, {"spinDeadlock", spinDeadlock}, {"selfDeadlock", selfDeadlock},
    {"upgrade", upgrade}, {"errorCheck", errorCheck}, {"unlockByOther", unlockByOther},
    {"unlockNotHeld", unlockNotHeld}, {"destroyLocked", destroyLocked}, {"deleteLocked", deleteLocked},
    {"endHolding", endHolding}, {"orphaned", orphaned},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
