// Functions of the C library that keep their result in one place for all threads.
#include <pthread.h>

#include <cstring>
#include <ctime>
#include <mutex>
#include <thread>

#include "stories.h"

namespace {

std::mutex lock;
volatile int hour;

/// `first` in a thread and `second` in this one, ordered by nothing but the lock that they may take.
template <class First, class Second>
void both(First first, Second second) {
  std::thread thread(first);
  second();
  thread.join();
}

void localTime() {
  std::time_t when = 3600;
  std::localtime(&when);
}
void gmTime() {
  std::time_t when = 7200;
  std::gmtime(&when);
}
void timeOfItsOwn() {
  std::time_t when = 3600;
  std::tm parts;
  localtime_r(&when, &parts);
}
void lockedTime() {
  std::lock_guard<std::mutex> guard(lock);
  localTime();
}
void countTokens() {
  char text[] = "a b c";
  for (char* token = std::strtok(text, " "); token != nullptr; token = std::strtok(nullptr, " ")) {
  }
}
void countTokensOfItsOwn() {
  char text[] = "a b c";
  char* position = nullptr;
  for (char* token = strtok_r(text, " ", &position); token != nullptr; token = strtok_r(nullptr, " ", &position)) {
  }
}

void twoTimes() { both(localTime, gmTime); }
void timesUnderALock() { both(lockedTime, lockedTime); }
void timesOfTheirOwn() { both(timeOfItsOwn, timeOfItsOwn); }
void timeReadByAnother() {
  std::time_t when = 3600;
  const std::tm* parts = std::localtime(&when);
  both(localTime, [parts] { hour = parts->tm_hour; });
}
void tokensOfTwo() { both(countTokens, countTokens); }
void tokensOfTheirOwn() { both(countTokensOfItsOwn, countTokensOfItsOwn); }

const Story kStories[] = {
    {"twoTimes", twoTimes}, {"timesUnderALock", timesUnderALock}, {"timesOfTheirOwn", timesOfTheirOwn},
    {"timeReadByAnother", timeReadByAnother}, {"tokensOfTwo", tokensOfTwo}, {"tokensOfTheirOwn", tokensOfTheirOwn},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
