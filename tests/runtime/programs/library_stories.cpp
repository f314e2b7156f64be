// What the libraries keep for all threads: results of C functions in one place; the results of promises.
#include <pthread.h>

#include <cstring>
#include <ctime>
#include <future>
#include <mutex>
#include <stdexcept>
#include <system_error>
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

/// Whether asking threw.
bool asks(std::future<int>& answer) {
  try {
    hour = answer.get();
    return false;
  } catch (const std::exception&) {
    return true;
  }
}

void promiseDroppedByAnother() {
  std::promise<int> question;
  std::future<int> answer = question.get_future();
  std::thread([dropped = std::move(question)] {}).join();
  if (!asks(answer)) std::terminate();
}
void promiseDroppedWhileAnotherAsks() {
  std::promise<int> question;
  std::thread asking([answer = question.get_future()]() mutable {
    if (!asks(answer)) std::terminate();
  });
  { std::promise<int> dropped = std::move(question); }
  asking.join();
}
void taskDropped() {
  std::future<int> answer;
  {
    std::packaged_task<int()> task([] { return 1; });
    answer = task.get_future();
  }
  if (!asks(answer)) std::terminate();
}
void droppedAndNobodyAsks() {
  std::promise<int> question;
  std::future<int> answer = question.get_future();
  std::thread([dropped = std::move(question)] {}).join();
  if (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) std::terminate();
}
void answeredByAnException() {
  std::promise<int> question;
  std::future<int> answer = question.get_future();
  std::thread([&question] { question.set_exception(std::make_exception_ptr(std::runtime_error("no"))); }).join();
  if (!asks(answer)) std::terminate();
}
/// As large as the exception of a broken promise, with the same number in the same place, where one lay before.
void answeredWhereABrokenOneLay() {
  constexpr int kRounds = 20000;  // What is freed stays for a while.
  for (int i = 0; i < kRounds; ++i) {
    std::promise<int> dropped;
    std::future<int> answer = dropped.get_future();
    { std::promise<int> gone = std::move(dropped); }
  }
  for (int i = 0; i < kRounds; ++i) {
    std::promise<int> question;
    std::future<int> answer = question.get_future();
    question.set_exception(std::make_exception_ptr(std::system_error(std::error_code(4, std::generic_category()))));
    if (!asks(answer)) std::terminate();
  }
}
void answeredByAnotherFutureError() {
  std::promise<int> question;
  std::future<int> answer = question.get_future();
  question.set_exception(std::make_exception_ptr(std::future_error(std::future_errc::no_state)));
  if (!asks(answer)) std::terminate();
}

const Story kStories[] = {
    {"twoTimes", twoTimes}, {"timesUnderALock", timesUnderALock}, {"timesOfTheirOwn", timesOfTheirOwn},
    {"timeReadByAnother", timeReadByAnother}, {"tokensOfTwo", tokensOfTwo}, {"tokensOfTheirOwn", tokensOfTheirOwn},
    {"promiseDroppedByAnother", promiseDroppedByAnother},
    {"promiseDroppedWhileAnotherAsks", promiseDroppedWhileAnotherAsks},
    {"taskDropped", taskDropped}, {"droppedAndNobodyAsks", droppedAndNobodyAsks},
    {"answeredByAnException", answeredByAnException},
    {"answeredByAnotherFutureError", answeredByAnotherFutureError},
    {"answeredWhereABrokenOneLay", answeredWhereABrokenOneLay},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
