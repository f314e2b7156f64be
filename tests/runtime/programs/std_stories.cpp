// Correct programs on the C++ library, parts of which are not instrumented: none of them has a race.
#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <latch>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "stories.h"

namespace {

void async() {
  std::vector<std::future<std::string>> parts;
  for (int i = 0; i < 20; ++i)
    parts.push_back(std::async(std::launch::async, [i] { return std::string(100, static_cast<char>('a' + i)); }));
  std::string all;
  for (auto& part : parts) all += part.get();
}

void promise() {
  for (int i = 0; i < 50; ++i) {
    std::promise<std::vector<int>> made;
    std::future<std::vector<int>> taken = made.get_future();
    std::thread maker([p = std::move(made)]() mutable { p.set_value(std::vector<int>(10, 7)); });
    if (taken.get().size() != 10) std::terminate();
    maker.join();
  }
}

void sharedFuture() {
  std::promise<std::string> made;
  std::shared_future<std::string> taken = made.get_future().share();
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) readers.emplace_back([taken] { if (taken.get() != "value") std::terminate(); });
  made.set_value("value");
  for (auto& reader : readers) reader.join();
}

void packagedTask() {
  std::packaged_task<int(int)> task([](int x) { return x * 2; });
  std::future<int> result = task.get_future();
  std::thread runner(std::move(task), 21);
  if (result.get() != 42) std::terminate();
  runner.join();
}

void callOnce() {
  for (int round = 0; round < 50; ++round) {
    std::once_flag flag;
    std::string value;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        std::call_once(flag, [&] { value = "made once"; });
        if (value.size() != 9) std::terminate();
      });
    for (auto& thread : threads) thread.join();
  }
}

void callOnceThrows() {
  std::once_flag flag;
  int tries = 0;
  auto attempt = [&] {
    try {
      std::call_once(flag, [&] {
        if (++tries < 3) throw std::runtime_error("not yet");
      });
    } catch (const std::runtime_error&) {
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(attempt);
  for (auto& thread : threads) thread.join();
}

struct Table {
  std::map<std::string, int> entries;
  Table() {
    for (int i = 0; i < 50; ++i) entries["key" + std::to_string(i)] = i;
  }
};

const Table& table() {
  static Table made;
  return made;
}

void localStatic() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([] { if (table().entries.at("key7") != 7) std::terminate(); });
  for (auto& thread : threads) thread.join();
}

void sharedPointer() {
  for (int round = 0; round < 50; ++round) {
    auto shared = std::make_shared<std::string>("shared");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([mine = shared]() mutable { if (mine->size() == 6) mine.reset(); });
    shared.reset();
    for (auto& thread : threads) thread.join();
  }
}

void weakPointer() {
  auto shared = std::make_shared<int>(1);
  std::weak_ptr<int> weak = shared;
  std::thread watcher([weak] { while (auto strong = weak.lock()) if (*strong != 1) std::terminate(); });
  shared.reset();
  watcher.join();
}

void exceptionPointer() {
  for (int round = 0; round < 50; ++round) {
    std::promise<int> made;
    std::shared_future<int> taken = made.get_future().share();
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i)
      readers.emplace_back([taken] {
        try {
          taken.get();
        } catch (const std::exception& e) {
          if (std::string(e.what()) != "a long enough message to be on the heap") std::terminate();
        }
      });
    try {
      throw std::runtime_error("a long enough message to be on the heap");
    } catch (...) {
      made.set_exception(std::current_exception());
    }
    taken = {};
    for (auto& reader : readers) reader.join();
  }
}

void exceptionInAsync() {
  for (int i = 0; i < 20; ++i) {
    auto failing = std::async(std::launch::async, []() -> int { throw std::logic_error("expected"); });
    try {
      failing.get();
    } catch (const std::logic_error&) {
    }
  }
}

void streams() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([i] {
      for (int line = 0; line < 20; ++line) {
        std::ostringstream text;
        text << "thread " << i << " line " << line << " " << 3.25 << '\n';
        std::cout << text.str();
        std::printf("%d\n", line);
      }
    });
  for (auto& thread : threads) thread.join();
}

void conditionQueue() {
  std::mutex m;
  std::condition_variable cv;
  std::list<std::string> items;
  bool closed = false;
  std::thread consumer([&] {
    std::unique_lock<std::mutex> lock(m);
    for (;;) {
      cv.wait(lock, [&] { return !items.empty() || closed; });
      if (items.empty()) return;
      items.pop_front();
    }
  });
  for (int i = 0; i < 200; ++i) {
    {
      std::lock_guard<std::mutex> lock(m);
      items.push_back("item " + std::to_string(i));
    }
    cv.notify_one();
  }
  {
    std::lock_guard<std::mutex> lock(m);
    closed = true;
  }
  cv.notify_all();
  consumer.join();
}

void conditionAny() {
  std::shared_mutex m;
  std::condition_variable_any cv;
  int value = 0;
  std::thread reader([&] {
    std::shared_lock<std::shared_mutex> lock(m);
    cv.wait(lock, [&] { return value != 0; });
  });
  {
    std::unique_lock<std::shared_mutex> lock(m);
    value = 1;
  }
  cv.notify_all();
  reader.join();
}

void stopToken() {
  int seen = 0;
  {
    std::jthread worker([&](std::stop_token stop) {
      while (!stop.stop_requested()) std::this_thread::yield();
      seen = 1;
    });
  }
  if (seen != 1) std::terminate();
}

void latchAndBarrier() {
  std::vector<int> values(4);
  std::latch done(4);
  std::barrier phase(4);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      values[i] = i;
      phase.arrive_and_wait();
      if (values[(i + 1) % 4] != (i + 1) % 4) std::terminate();
      phase.arrive_and_wait();
      values[i] = 10;
      done.count_down();
    });
  done.wait();
  for (int value : values) if (value != 10) std::terminate();
}

void semaphores() {
  std::counting_semaphore<4> slots(0);
  std::binary_semaphore full(0);
  int value = 0;
  std::thread maker([&] {
    slots.acquire();
    value = 5;
    full.release();
  });
  slots.release();
  full.acquire();
  if (value != 5) std::terminate();
  maker.join();
}

void atomicWait() {
  std::atomic<int> state{0};
  std::string text;
  std::thread maker([&] {
    text = "a string long enough for the heap, written before";
    state.store(1, std::memory_order_release);
    state.notify_all();
  });
  state.wait(0, std::memory_order_acquire);
  if (text.empty()) std::terminate();
  maker.join();
}

void sharedMutex() {
  std::shared_mutex m;
  std::map<int, std::string> values;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 100; ++round) {
        if (round % 10 == i) {
          std::unique_lock<std::shared_mutex> lock(m);
          values[round] = "value";
        } else {
          std::shared_lock<std::shared_mutex> lock(m);
          auto found = values.find(round);
          if (found != values.end() && found->second != "value") std::terminate();
        }
      }
    });
  for (auto& thread : threads) thread.join();
}

struct Logged {
  std::string text = "made on first use in each thread, on the heap";
  ~Logged() { text.clear(); }
};

void threadLocal() {
  thread_local Logged mine;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([] { thread_local Logged own; own.text += "!"; });
  for (auto& thread : threads) thread.join();
  mine.text += "?";
}

void detached() {
  std::promise<void> ended;
  std::future<void> wait = ended.get_future();
  std::thread([p = std::move(ended)]() mutable { p.set_value_at_thread_exit(); }).detach();
  wait.get();
}

void locales() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([] {
      for (int round = 0; round < 20; ++round) {
        std::stringstream stream;
        stream.imbue(std::locale::classic());
        stream << 12345 << ' ' << 1.5;
        int whole;
        double part;
        stream >> whole >> part;
        if (whole != 12345) std::terminate();
      }
    });
  for (auto& thread : threads) thread.join();
}

// ---- Several owners, counted by libstdc++ itself: the last one comes after the others, though nothing else says so. -----

std::atomic<int> ownersLeft;

/// Runs `own(i)` in `count` threads of which nobody waits for the end; returns when each is done with what it owned.
template <class Own>
void eachOwns(int count, Own own) {
  ownersLeft.store(count, std::memory_order_relaxed);
  for (int i = 0; i < count; ++i)
    std::thread([own, i]() mutable {
      { Own mine = std::move(own); mine(i); }
      ownersLeft.fetch_sub(1, std::memory_order_relaxed);
    }).detach();
}
void awaitOwners() {
  while (ownersLeft.load(std::memory_order_relaxed) != 0) std::this_thread::yield();
}

void lastOwnerOfText() {
  auto* error = new std::runtime_error("a message that the copies of an exception share");
  eachOwns(3, [copy = *error](int) { if (copy.what()[0] != 'a') std::terminate(); });
  awaitOwners();
  delete error;
}

struct Unit : std::locale::facet {
  static std::locale::id id;
  char name = 'm';
  virtual char letter() const { return name; }
  ~Unit() override { name = 0; }
};
std::locale::id Unit::id;

struct Inch : Unit {
  char letter() const override { return 'i'; }
};

void lastOwnerOfLocale() {
  {
    std::locale made(std::locale::classic(), new Inch);
    std::locale further(made, new std::ctype<char>);
    eachOwns(3, [mine = further](int) { if (std::use_facet<Unit>(mine).letter() != 'i') std::terminate(); });
    awaitOwners();
  }
  std::locale assigned(std::locale::classic(), new Inch);
  eachOwns(2, [mine = assigned](int) mutable {
    if (std::use_facet<Unit>(mine).letter() != 'i') std::terminate();
    mine = std::locale::classic();
  });
  awaitOwners();
  assigned = std::locale::classic();
}

struct Coded {
  virtual ~Coded() { code = 0; }
  int code = 7;
};
struct CodedError : std::runtime_error, Coded {
  using std::runtime_error::runtime_error;
};

void exceptionCaughtByBase() {
  std::exception_ptr error = std::make_exception_ptr(CodedError("a message that is long enough for the heap"));
  eachOwns(3, [error](int) mutable {
    try {
      std::rethrow_exception(std::move(error));
    } catch (const Coded& coded) {
      if (coded.code != 7) std::terminate();
    }
  });
  awaitOwners();
  error = nullptr;
}

void detachedWithText() {
  for (int round = 0; round < 100; ++round) {
    std::promise<std::string> ended;
    std::future<std::string> wait = ended.get_future();
    std::thread([p = std::move(ended)]() mutable { p.set_value_at_thread_exit(std::string(40, 'x')); }).detach();
    if (wait.get().size() != 40) std::terminate();
  }
}

const Story kStories[] = {
    {"async", async}, {"promise", promise}, {"sharedFuture", sharedFuture}, {"packagedTask", packagedTask},
    {"callOnce", callOnce}, {"callOnceThrows", callOnceThrows}, {"localStatic", localStatic},
    {"sharedPointer", sharedPointer}, {"weakPointer", weakPointer}, {"exceptionPointer", exceptionPointer},
    {"exceptionInAsync", exceptionInAsync}, {"streams", streams}, {"conditionQueue", conditionQueue},
    {"conditionAny", conditionAny}, {"stopToken", stopToken}, {"latchAndBarrier", latchAndBarrier},
    {"semaphores", semaphores}, {"atomicWait", atomicWait}, {"sharedMutex", sharedMutex},
    {"threadLocal", threadLocal}, {"detached", detached}, {"locales", locales},
    {"lastOwnerOfText", lastOwnerOfText}, {"lastOwnerOfLocale", lastOwnerOfLocale},
    {"exceptionCaughtByBase", exceptionCaughtByBase}, {"detachedWithText", detachedWithText},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
