// Checks that code in line leaves out or joins: what was checked before, and what loops do side by side.
#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

#include "stories.h"

int number;
std::uint8_t bytes[256];
std::int32_t words[256];
std::mutex lock;
volatile int zero, many = 100;

namespace {

struct Node {
  int value;
  Node* next;
};
Node nodes[20];

/// Two threads that nothing orders; the second waits for the first all the same, so that the races are always the same.
template <class First, class Second>
void together(First first, Second second) {
  std::atomic<bool> done = false;
  std::thread a([&] {
    first();
    done.store(true, std::memory_order_relaxed);
  });
  std::thread b([&] {
    while (!done.load(std::memory_order_relaxed)) std::this_thread::yield();
    second();
  });
  a.join();
  b.join();
}

__attribute__((noinline)) void fill(std::uint8_t* begin, int count) {
  for (int i = 0; i < count; ++i) begin[i] = 1;
}
__attribute__((noinline)) int sum(const std::int32_t* begin, int count) {
  int all = 0;
  for (int i = 0; i < count; ++i) all += begin[i];
  return all;
}
__attribute__((noinline)) void fillWords(std::int32_t* begin, int count) {
#pragma clang loop unroll_count(4)
  for (int i = 0; i < count; ++i) begin[i] = count;
}
__attribute__((noinline)) void fillBackwards(std::int32_t* begin, int count) {
  for (int i = count - 1; i >= 0; --i) begin[i] = count;
}
__attribute__((noinline)) void fillEverySecond(std::uint8_t* begin, int count) {
#pragma clang loop unroll_count(4)
  for (int i = 0; i < count; ++i) begin[2 * i] = 1;
}
__attribute__((noinline)) int find(const std::int32_t* begin, int count, int wanted) {
  for (int i = 0; i < count; ++i)
    if (begin[i] == wanted) return i;
  return count;
}
__attribute__((noinline)) void fillSome(std::int32_t* begin, int count, int from) {
  for (int i = 0; i < count; ++i)
    if (i >= from) begin[i] = 1;
}
__attribute__((noinline)) void addUp(const std::int32_t* begin, int count, int* into) {
  for (int i = 0; i < count; ++i) *into += begin[i];
}

void loopAgainstLoop() {
  together([] { fillWords(words, many); }, [] { number = sum(words, many); });
}
void loopAgainstItsLast() {
  together([] { fillWords(words, many); }, [] { words[99] = 1; });
}
void loopAgainstTheNext() {
  together([] { fillWords(words, many); }, [] { words[100] = 1; });
}
void backwardsAgainstItsFirst() {
  together([] { fillBackwards(words + 8, many); }, [] { words[8] = 1; });
}
void backwardsAgainstNeighbours() {
  together([] { fillBackwards(words + 8, many); }, [] { words[7] = words[108] = 1; });
}
void bytesSideBySide() {
  together([] { fill(bytes, 99); }, [] { fill(bytes + 99, 101); });
}
void everySecondByte() {
  together([] { fillEverySecond(bytes, many); }, [] { fillEverySecond(bytes + 1, many); });
}
void loopLeftEarly() {
  words[5] = 1;
  together([] { number = find(words, many, 1); }, [] { words[6] = 2; });
}
void loopThatSkips() {
  together([] { fillSome(words, many, 50); }, [] { fillSome(words, 50, 0); });
}
void loopWithoutRounds() {
  together([] { fillWords(words, zero); }, [] { fillWords(words, many); });
}
void loopOfFewRounds() {
  together([] { fillWords(words, zero + 2); }, [] { words[1] = 1; });
}
void loopIntoOnePlace() {
  together([] { addUp(words, many, &number); }, [] { number = 1; });
}

void walkedList() {
  for (int i = 0; i + 1 < 20; ++i) nodes[i].next = &nodes[i + 1];
  together(
      [] {
        for (Node* node = nodes; node != nullptr; node = node->next) node->value = 1;
      },
      [] { nodes[19].value = 2; });
}

__attribute__((noinline)) int readTwice(const int* place) {
  int first = *place;
  asm volatile("" : : "r"(first));
  return first + *const_cast<const volatile int*>(place);
}
void repeatedRead() {
  together([] { bytes[0] = static_cast<std::uint8_t>(readTwice(&number)); }, [] { number = 1; });
}
/// A read before does not stand for the write.
__attribute__((noinline)) void writeIfZero(int* place) {
  if (*place == 0) *place = 1;
}
void writeAfterRead() {
  together([] { writeIfZero(&number); }, [] { words[0] = readTwice(&number); });
}
__attribute__((noinline)) void writeInSections(int* place) {
  lock.lock();
  *place = 1;
  lock.unlock();
  *place = 2;
}
/// The second write comes after the release.
void repeatedAfterRelease() {
  together([] { writeInSections(&number); },
           [] {
             for (int seen = 0; seen == 0; std::this_thread::yield()) {
               std::lock_guard<std::mutex> guard(lock);
               seen = number;
             }
           });
}
__attribute__((noinline)) void writeOnOneWay(int* place, int way) {
  if (way != 0) {
    *place = 1;
    asm volatile("");
  }
  *place = 2;
}
void checkedOnOneWay() {
  together([] { writeOnOneWay(&number, zero); }, [] { number = 3; });
}

void alone() {
  fillWords(words, many);
  number = sum(words, many) + readTwice(&words[0]);
}

}  // namespace

int main(int argc, char** argv) {
  static const Story stories[] = {
      {"loopAgainstLoop", loopAgainstLoop},
      {"loopAgainstItsLast", loopAgainstItsLast},
      {"loopAgainstTheNext", loopAgainstTheNext},
      {"backwardsAgainstItsFirst", backwardsAgainstItsFirst},
      {"backwardsAgainstNeighbours", backwardsAgainstNeighbours},
      {"bytesSideBySide", bytesSideBySide},
      {"everySecondByte", everySecondByte},
      {"loopLeftEarly", loopLeftEarly},
      {"loopThatSkips", loopThatSkips},
      {"loopWithoutRounds", loopWithoutRounds},
      {"loopOfFewRounds", loopOfFewRounds},
      {"loopIntoOnePlace", loopIntoOnePlace},
      {"walkedList", walkedList},
      {"repeatedRead", repeatedRead},
      {"writeAfterRead", writeAfterRead},
      {"repeatedAfterRelease", repeatedAfterRelease},
      {"checkedOnOneWay", checkedOnOneWay},
      {"alone", alone},
  };
  return runStory(stories, argc, argv);
}
