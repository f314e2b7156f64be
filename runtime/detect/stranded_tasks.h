// Coroutines that are suspended when the program ends and that nothing holds: nobody could ever have resumed them.
//
// Looked for as a collector of garbage would, but over all memory: a word that lies anywhere in a frame, whatever its
// lowest and highest bits, holds it. What cannot be told for sure is not told: while other threads live, when the
// kernel may hold handles (epoll, io_uring), when there is too much memory to look through.
#pragma once

namespace deadheat::rt {

/// At the end of the program, after all else. Cost when tasks are suspended: a read of the program's memory, at most
/// 512 MB.
void reportStrandedTasks();

}  // namespace deadheat::rt
