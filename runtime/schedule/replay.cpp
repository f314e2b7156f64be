// Replay: a recorded schedule again. Everything not among its deviations is the default, so a schedule is as short as what
// made the difference, and can be shortened further by leaving deviations out.
//
// Odds: with the same program and input a strict replay takes the same steps every time, or says where it could not.
#include "runtime/schedule/replay.h"

#include "runtime/detect/mix.h"
#include "runtime/platform/growing_array.h"

namespace deadheat::rt {
namespace {

const Deviation* deviations;
std::size_t deviationCount;
std::size_t next;  ///< Strict: the first that has not come yet.
bool strict;
Divergence diverged;
GrowingArray<std::uint32_t> byKey;  ///< Open addressing: index + 1 of a deviation; its size is a power of two.

using protocol::DeviationKind;

bool sameKey(const DecisionKey& a, const DecisionKey& b) {
  return a.thread == b.thread && a.pc == b.pc && a.occurrence == b.occurrence;
}

std::size_t placeOf(DeviationKind kind, const DecisionKey& key) {
  std::uint64_t hash = mix(key.pc + mix(key.occurrence * 4 + static_cast<std::uint64_t>(kind) + mix(key.thread)));
  return hash & (byKey.size() - 1);
}

void enterAll() {
  std::size_t size = 16;
  while (size < deviationCount * 2 + 2) size *= 2;
  byKey.free();
  byKey = {};
  byKey.resize(size);
  for (std::size_t i = 0; i < deviationCount; ++i) {
    std::size_t place = placeOf(deviations[i].kind, deviations[i].key);
    while (byKey[place] != 0) place = (place + 1) & (size - 1);
    byKey[place] = static_cast<std::uint32_t>(i + 1);
  }
}

const Deviation* findLenient(DeviationKind kind, const DecisionKey& key) {
  if (deviationCount == 0) return nullptr;
  for (std::size_t at = placeOf(kind, key); byKey[at] != 0; at = (at + 1) & (byKey.size() - 1)) {
    const Deviation& found = deviations[byKey[at] - 1];
    if (found.kind == kind && sameKey(found.key, key)) return &found;
  }
  return nullptr;
}

void diverge(const Deviation& expected, std::uint64_t step, const DecisionKey& key) {
  if (diverged.expected == nullptr) diverged = {&expected, step, key};
}

/// The deviation due at this decision, or null.
const Deviation* findStrict(DeviationKind kind, const DecisionKey& key, std::uint64_t step, std::uint64_t hash) {
  if (next == deviationCount) return nullptr;
  const Deviation& due = deviations[next];
  if (step < due.step || due.kind != kind) return nullptr;
  if (step == due.step && sameKey(due.key, key) && due.hash == hash) {
    ++next;
    return &due;
  }
  if (kind == DeviationKind::Switch) diverge(due, step, key);
  return nullptr;
}

bool contains(const Choice& choice, ThreadId thread) {
  for (std::size_t i = 0; i < choice.allCount; ++i)
    if (choice.all[i]->thread == thread) return true;
  return false;
}

void begin(const StrategySettings&) {
  next = 0;
  diverged = {};
  enterAll();
}

ThreadId choose(const Choice& choice) {
  const Deviation* due = strict ? findStrict(DeviationKind::Switch, choice.key, choice.step, choice.hash)
                                : findLenient(DeviationKind::Switch, choice.key);
  if (due == nullptr) return choice.standing;
  if (contains(choice, due->chosen)) return due->chosen;
  if (strict) diverge(*due, choice.step, choice.key);
  return choice.standing;
}

/// The deviation of a kind that has no step of its own, or null.
const Deviation* takeDue(DeviationKind kind, const DecisionKey& key) {
  if (!strict) return findLenient(kind, key);
  if (next == deviationCount || deviations[next].kind != kind || !sameKey(deviations[next].key, key)) return nullptr;
  return &deviations[next++];
}

std::size_t wake(const DecisionKey& key, const ThreadId* waiters, std::size_t count) {
  const Deviation* due = takeDue(DeviationKind::Wake, key);
  for (std::size_t i = 0; due != nullptr && i < count; ++i)
    if (waiters[i] == due->chosen) return i;
  if (strict && due != nullptr) diverge(*due, due->step, key);
  return 0;
}

}  // namespace

const Strategy kReplay{begin, choose, wake};

void setDeviations(const Deviation* list, std::size_t count, bool isStrict) {
  deviations = list;
  deviationCount = count;
  strict = isStrict;
}

std::uint32_t replayChoice(const DecisionKey& key, std::uint32_t count) {
  const Deviation* due = takeDue(DeviationKind::Choose, key);
  if (due == nullptr) return 0;
  if (due->chosen < count) return due->chosen;
  if (strict) diverge(*due, due->step, key);
  return 0;
}

const Divergence* divergence() { return diverged.expected == nullptr ? nullptr : &diverged; }

}  // namespace deadheat::rt
