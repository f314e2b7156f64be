#include "runtime/schedule/parking.h"

namespace deadheat::rt {
namespace {

constexpr std::uint64_t kMostPatience = 20000;  ///< Steps.
constexpr std::uint32_t kMostNaps = 64;
constexpr std::uint32_t kAlwaysParked = 2;      ///< Attempts that park at every arrival.
constexpr std::uint32_t kMostHalvings = 5;
constexpr std::uint64_t kChangeOdds = 32;       ///< Of so many steps one draws priorities anew.

/// A thread that waits for a time, and would go on if it passed.
bool isTimed(const Event& event) { return event.operation == Operation::Sleep || event.operation == Operation::Wait; }

}  // namespace

void Parking::begin(const StrategySettings& settings) {
  numbers_.seed(settings.seed);
  places_.clear();
  attempt_ = settings.attempt;
  naps_ = 0;
  told_ = settings.parked;
}

Parking::Place& Parking::placeOf(ThreadId thread) {
  while (places_.size() <= thread) places_.push({0, 0, 0, false});
  return places_[thread];
}

void Parking::park(const Event& event, std::uint64_t step) {
  if (isParked(event.thread)) return;
  placeOf(event.thread).since = step + 1;
  if (told_ != nullptr) told_(event);
}

void Parking::release(ThreadId thread) { placeOf(thread).since = 0; }

void Parking::letThrough(ThreadId thread) {
  release(thread);
  placeOf(thread).goesThrough = true;
}

bool Parking::arrive(const Event& event, std::uint64_t step) {
  if (isParked(event.thread) || isLetThrough(event.thread)) return false;
  if (wants())
    park(event, step);
  else
    letThrough(event.thread);
  return isParked(event.thread);
}

void Parking::performed(const Event& event) {
  placeOf(event.thread).goesThrough = false;
  release(event.thread);
}

bool Parking::wants() {
  if (attempt_ < kAlwaysParked) return true;
  std::uint32_t halvings = 1 + (attempt_ - kAlwaysParked) / 2 % kMostHalvings;
  return numbers_.below(std::uint64_t{1} << halvings) == 0;
}

/// Among those not parked; kNoThread: all are.
ThreadId Parking::best(const Choice& choice) {
  bool draws = attempt_ != 0;
  if (draws && (choice.gaveWay || numbers_.below(kChangeOdds) == 0)) placeOf(choice.key.thread).priority = 1 + (numbers_.next() >> 32);
  ThreadId found = kNoThread;
  for (std::size_t i = 0; i < choice.count; ++i) {
    ThreadId thread = choice.enabled[i]->thread;
    Place& place = placeOf(thread);
    if (place.since != 0) continue;
    if (!draws && thread == choice.standing) return thread;
    if (place.priority == 0) place.priority = numbers_.next() | 1;
    if (found == kNoThread || (draws && place.priority > placeOf(found).priority)) found = thread;
  }
  return found;
}

ThreadId Parking::letGo(const Choice& choice) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < choice.count; ++i) total += 1 + 3 * placeOf(choice.enabled[i]->thread).rounds;
  std::uint64_t drawn = numbers_.below(total);
  for (std::size_t i = 0; i < choice.count; ++i) {
    Place& place = placeOf(choice.enabled[i]->thread);
    std::uint64_t weight = 1 + 3 * place.rounds;
    if (drawn < weight) {
      ++place.rounds;
      return choice.enabled[i]->thread;
    }
    drawn -= weight;
  }
  return choice.standing;
}

ThreadId Parking::choose(const Choice& choice) {
  for (std::size_t i = 0; i < choice.count; ++i) {
    Place& place = placeOf(choice.enabled[i]->thread);
    if (place.since != 0 && choice.step > place.since + kMostPatience) return choice.enabled[i]->thread;
  }
  if (ThreadId thread = best(choice); thread != kNoThread) {
    naps_ = 0;
    return thread;
  }
  for (std::size_t i = 0; i < choice.allCount && naps_ < kMostNaps; ++i) {
    if (isParked(choice.all[i]->thread) || !isTimed(*choice.all[i])) continue;
    ++naps_;
    return choice.all[i]->thread;
  }
  return letGo(choice);
}

}  // namespace deadheat::rt
