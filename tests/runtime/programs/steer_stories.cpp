// Bugs that need steering: the threads come near each other in time, but hardly ever meet. The functions named in the
// plans are extern "C", so that a test finds their code by name.
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "stories.h"

extern "C" {
int shared = 0;
std::mutex first, second;
std::mutex both;
std::mutex forks[3];
}

namespace {
using namespace std::chrono_literals;
using Lock = std::lock_guard<std::mutex>;
}  // namespace

#define PLACE extern "C" __attribute__((noinline)) void

PLACE writeShared() { shared = 1; }
PLACE readShared() {
  if (shared == 7) std::puts("seven");
}
PLACE addShared() { ++shared; }
PLACE addGuarded() {
  Lock lock(both);
  ++shared;
}
PLACE appendText(std::string& text) { text.append("a text long enough to be copied by memcpy, and then some more of it"); }
PLACE takeSecond() { Lock lock(second); }
PLACE takeFirst() { Lock lock(first); }
PLACE takeFork(int fork) { Lock lock(forks[fork]); }

namespace {

void race() {
  std::thread writer([] { writeShared(); });
  std::this_thread::sleep_for(30ms);
  readShared();
  writer.join();
}

void sameSite() {
  std::thread one([] { addShared(); });
  std::thread other([] {
    std::this_thread::sleep_for(30ms);
    addShared();
  });
  one.join();
  other.join();
}

void insideLibrary() {
  std::string text;
  text.reserve(1000);
  std::thread one([&] { appendText(text); });
  std::thread other([&] {
    std::this_thread::sleep_for(30ms);
    appendText(text);
  });
  one.join();
  other.join();
}

void guarded() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) threads.emplace_back([] { for (int round = 0; round < 20; ++round) addGuarded(); });
  for (auto& thread : threads) thread.join();
}

void deadlock() {
  std::thread one([] { Lock lock(first); takeSecond(); });
  std::this_thread::sleep_for(30ms);
  { Lock lock(second); takeFirst(); }
  one.join();
}

void gatedDeadlock() {
  std::thread one([] { Lock gate(both); Lock lock(first); takeSecond(); });
  std::this_thread::sleep_for(30ms);
  { Lock gate(both); Lock lock(second); takeFirst(); }
  one.join();
}

void philosophers() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([i] {
      std::this_thread::sleep_for(20ms * i);
      Lock lock(forks[i]);
      takeFork((i + 1) % 3);
    });
  for (auto& thread : threads) thread.join();
}

const Story kStories[] = {
    {"race", race}, {"sameSite", sameSite}, {"insideLibrary", insideLibrary}, {"guarded", guarded},
    {"deadlock", deadlock}, {"gatedDeadlock", gatedDeadlock}, {"philosophers", philosophers},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
