// Scope: several threads of control and memory that they name in common; the world in which a check compares events.
//
// - Frame: a function that starts threads, and they with it. Its locals and heap objects are compared here; globals,
//   parameters and `this` only in a frame that nobody calls (`whole`), because callers may hold locks.
// - Class: one object, and any number of callers in its public methods at once, with the threads it keeps.
// - Library: functions that nobody calls and public methods of lock-owning classes, each run by any number of threads.
#pragma once

#include <string>
#include <vector>

#include "analyzers/link/summary.h"

namespace deadheat {

/// One thread of control of a scope.
struct Actor {
  enum class Kind : std::uint8_t {
    Frame,      ///< The thread that runs the frame: main, or whoever calls the function.
    Thread,     ///< A thread started in the scope.
    AnyCaller,  ///< Any number of unknown threads that call `entry`.
  };
  Kind kind = Kind::Frame;
  FunctionIndex entry = FunctionIndex::None;
  bool many = false;
  ThreadNumber number = kSelf;                  ///< In the frame's or method's summary.
  FunctionIndex starter = FunctionIndex::None;  ///< Class scope threads: the method that starts it.
  ThreadFact thread;                            ///< Kind::Thread.
  std::vector<std::uint32_t> runners;           ///< Handlers that several threads run: those actors.
  bool homeGuessed = false;  ///< Handlers with `runners`: their executor is taken to be the only one that is run.
  bool onArgument = false;  ///< AnyCaller: what it does to another object of the class that it is given, as if to this.
};

/// An access or acquisition by one actor.
struct SharedAccess {
  AccessFact fact;
  std::uint32_t actor = 0;
};
struct LockAcquisition {
  AcquireFact fact;
  std::uint32_t actor = 0;
};

struct SharedOperation {
  OperationFact fact;
  std::uint32_t actor = 0;
};

/// See the top of the file. Frozen once made.
class Scope {
 public:
  enum class Kind : std::uint8_t { Frame, Class, Library };

  Kind kind = Kind::Frame;
  FunctionIndex frame = FunctionIndex::None;  ///< Frame.
  bool whole = false;                         ///< Frame: nobody calls it.
  bool isMain = false;                        ///< Frame: the program starts here.
  std::string record;                         ///< Class.
  std::vector<Actor> actors;
  std::vector<SharedAccess> accesses;
  std::vector<LockAcquisition> acquisitions;
  std::vector<SharedOperation> operations;  ///< Waits, signals, joins, blocking and foreign calls.
  std::vector<PathId> perTurn;  ///< Frame: roots of objects made anew at each turn of a loop.

  /// Whether the two events may happen at the same time; `aActor` and `bActor` index actors.
  bool mayHappenInParallel(const Moment& a, std::uint32_t aActor, const Moment& b, std::uint32_t bActor,
                           const Tables& tables) const;
  bool mayHappenInParallel(const SharedAccess& a, const SharedAccess& b, const Tables& tables) const {
    return mayHappenInParallel(a.fact, a.actor, b.fact, b.actor, tables);
  }
  bool mayHappenInParallel(const LockAcquisition& a, const LockAcquisition& b, const Tables& tables) const {
    return mayHappenInParallel(a.fact, a.actor, b.fact, b.actor, tables);
  }

  /// Whether several of the actor may run at once, counting those it descends from.
  bool isMany(std::uint32_t actor) const;
  /// Whether thread `inner` was started, directly or not, by `outer`.
  bool descends(std::uint32_t inner, std::uint32_t outer) const;

 private:
  std::uint32_t carrier(std::uint32_t actor) const;
  bool besideHandler(const Moment& other, std::uint32_t otherActor, const Moment& handler, std::uint32_t handlerActor) const;
  bool inFrame(const Moment& a, std::uint32_t aActor, const Moment& b, std::uint32_t bActor) const;
  bool besideThread(const Moment& caller, const Actor& callerActor, const Actor& thread, const Tables& tables) const;
};

}  // namespace deadheat
