// Which handlers run one at a time: those of one strand, and all where a single thread runs the executors.
//
// What a handler runs on is its first handle (docs/facts.md): `strand.$turn`, or `io.$loop` for an executor that is run
// by whoever calls its run(). A handler starts as a task that takes turns with whoever gave it, for evidence has to be
// seen that several threads run it: two that run its very executor, or the only executor of the program.
#pragma once

#include <span>
#include <vector>

#include "analyzers/link/scope.h"

namespace deadheat {

/// Whether an executor runs the thread of these handles.
bool isHandler(const Tables& tables, std::span<const PathId> handles);

/// Whether the handles begin with the turn of a strand.
bool isOnStrand(const Tables& tables, std::span<const PathId> handles);

/// What threads of these handles share that run one at a time; Unknown if they need not.
PathId turnOf(const Tables& tables, std::span<const PathId> handles);

/// The actor of a frame whose thread runs `actor`: for handlers that one thread runs, that one, else itself.
std::uint32_t runnerOf(const Tables& tables, std::span<const Actor> actors, std::uint32_t actor);

/// Whether what is at `moment` comes after the thread has run handlers, or joined one that did, until none was left.
bool comesAfterLoop(const Tables& tables, const Moment& moment, std::span<const PathId> handles);

/// Decides for the handlers of all frames who runs them. Without evidence they take turns with whoever started them.
/// Where one thread runs their executor they have a turn in common with it; where several are seen to, those threads
/// are their `runners`. What a frame does not see itself is taken from those of the program that lead to it. Linear in
/// the bodies for each frame that nobody calls and that runs executors.
void assignTurns(std::vector<Scope>& scopes, const Bodies& bodies, Tables& tables);

/// Whether the path stands for what an executor is given that others run, again and again.
bool isLoop(const Tables& tables, PathId path);

}  // namespace deadheat
