// Which handlers run one at a time: those of one strand, and all where a single thread runs the executors.
//
// What a handler runs on is its first handle (docs/facts.md): `strand.$turn`, or `io.$loop` for an executor that is run by
// whoever calls its run().
#pragma once

#include <span>

#include "analyzers/link/scope.h"

namespace deadheat {

/// Whether an executor runs the thread of these handles.
bool isHandler(const Tables& tables, std::span<const PathId> handles);

/// What threads of these handles share that run one at a time; Unknown if they need not.
PathId turnOf(const Tables& tables, std::span<const PathId> handles);

/// The actor of a frame whose thread runs `actor`: for handlers that one thread runs, that one, else itself.
std::uint32_t runnerOf(const Tables& tables, std::span<const Actor> actors, std::uint32_t actor);

/// Whether what is at `moment` comes after the thread has run handlers, or joined one that did, until none was left.
bool comesAfterLoop(const Tables& tables, const Moment& moment, std::span<const PathId> handles);

/// Gives the handlers of a frame a turn in common, and the thread that runs them too, if that is one; if none is seen to,
/// it is taken to be the frame's own. Else handlers have the turn of their strand, if any.
void assignTurns(Scope& frame, Tables& tables);

}  // namespace deadheat
