// The threads of a controlled run: what each is about to do, and whether it can.
//
// Only the thread that has the turn touches any of this, so nothing is locked: the turn is handed over by the futex word of
// the thread that gets it, which orders everything before.
#pragma once

#include "runtime/platform/growing_array.h"
#include "runtime/schedule/event.h"
#include "runtime/schedule/left_frames.h"

namespace deadheat::rt {

/// Something a thread did, and what it found there.
struct Deed {
  Address pc;
  Address object;
  std::uint64_t value;
};

struct Controlled {
  enum class State : std::uint8_t {
    Ready,    ///< Can go on.
    Waiting,  ///< For its word, its `ready`, its wake-up or its deadline.
  };

  Event pending;
  Thread* thread;
  int turn;  ///< Futex word: 1 when it is to run.
  State state;

  // Waiting.
  Resource awaited;
  bool byWord;  ///< Goes on as soon as the word of `awaited` is another.
  bool (*ready)(void*);
  void* readyData;
  RunTime deadline;
  bool late;   ///< The deadline was what ended the wait.
  bool hurries;  ///< Its deadline may be over before anything else happens.
  std::uint64_t waitingSince;

  // Giving way: not a candidate before this many points of the run, or before the watched bytes are written.
  std::uint64_t asideUntil;
  bool watches;
  bool leaves;  ///< Ends the process as soon as it runs; strategies may let the others finish first.
  std::uint32_t timesAside;
  std::uint32_t repeats;  ///< How often in a row it did again what it had done just before.
  std::uint64_t turnsInARow;
  static constexpr std::uint32_t kDeeds = 4;
  Deed deeds[kDeeds];  ///< The last ones.
  std::uint32_t lastDeed;

  std::uint32_t
      lentAt;  ///< Site of the plan at which it was created with something of its creator's; Event::kNoSite: none.
  LeftFrames left;
};

/// The threads that have not ended, in order of id.
extern GrowingArray<Controlled*> controlled;
/// The one that has the turn.
extern Controlled* turnHolder;
/// The calling thread's, or null.
extern __thread Controlled* ownControlled __attribute__((tls_model("initial-exec")));

Controlled* addControlled(Thread* thread);
void removeControlled(Controlled* gone);
Controlled* findControlled(ThreadId id);

/// Gives the turn to `next`. Returns at once if that is the caller, else when the turn comes back.
void handOver(Controlled* own, Controlled* next);
/// Gives the turn to `next` for good: the calling thread ends.
void leaveTurn(Controlled* next);
/// Waits for the first turn.
void awaitTurn(Controlled* own);
/// Keeps the process to one processor: handing over there costs a fourth.
void pinToProcessor(std::uint32_t number);

}  // namespace deadheat::rt
