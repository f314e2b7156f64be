// Annotations for deadheat: what a program's own task, executor, lock and awaitable types are. They are read when deadheat
// analyses the program and are nothing at all to a compiler. Entries of a model file say the same of code that cannot be
// changed (docs/models.md).
//
// Where the header may not be installed:
//
//   #if __has_include(<deadheat/annotations.h>)
//   #include <deadheat/annotations.h>
//   #else
//   #define DEADHEAT_MODEL(text)
//   #define DEADHEAT_TASK(...)
//   ...
//   #endif
#ifndef DEADHEAT_ANNOTATIONS_H
#define DEADHEAT_ANNOTATIONS_H

// An entry of a model file, without its names: `class DEADHEAT_MODEL("kind: awaitable, resumes: anywhere") Hop { ... };`
#ifdef __deadheat__
#define DEADHEAT_MODEL(text) __attribute__((annotate("deadheat: " text)))
#else
#define DEADHEAT_MODEL(text)
#endif

// Of a class, between `class` and its name.

// What a coroutine gives back; `start` is lazy (the body runs once it is awaited or resumed) or eager (at once).
#define DEADHEAT_TASK(start) DEADHEAT_MODEL("kind: task, start: " #start)
// The same, when the body may go on on any of several threads after each co_await.
#define DEADHEAT_POOL_TASK(start) DEADHEAT_MODEL("kind: task, resumes: anywhere, start: " #start)
// A coroutine that gives its values to whoever asks for the next one.
#define DEADHEAT_GENERATOR DEADHEAT_MODEL("kind: generator")
// What can be awaited; who awaits it goes on on the same-thread, on its executor (one task at a time), or anywhere.
#define DEADHEAT_AWAITABLE(resumes) DEADHEAT_MODEL("kind: awaitable, resumes: " #resumes)
// Runs tasks in one or many threads.
#define DEADHEAT_EXECUTOR(threads) DEADHEAT_MODEL("kind: executor, threads: " #threads)
// A lock that tasks hold across co_await; its methods have DEADHEAT_AWAITED_ACQUIRE and DEADHEAT_RELEASE.
#define DEADHEAT_ASYNC_LOCK DEADHEAT_MODEL("kind: lock, asynchronous: true")

// Of a function or method, before its declaration.

// Awaiting the result takes the lock; a call gives it back.
#define DEADHEAT_AWAITED_ACQUIRE DEADHEAT_MODEL("effect: acquire, awaited: true")
#define DEADHEAT_RELEASE DEADHEAT_MODEL("effect: release")
// Runs argument number `n`, a task or callable, on its own: on the threads of a pool, or as a task of the same thread.
#define DEADHEAT_STARTS_IN_POOL(n) DEADHEAT_MODEL("effect: spawn, where: pool, entry: " #n)
#define DEADHEAT_STARTS_TASK(n) DEADHEAT_MODEL("effect: spawn, where: task, resumes: same-thread, entry: " #n)
// Waits, with its thread, until the task that is argument number `n` is over.
#define DEADHEAT_WAITS_FOR_TASK(n) DEADHEAT_MODEL("effect: join, object: " #n)
// Gives back an awaitable that stands for all its arguments that are tasks.
#define DEADHEAT_GATHERS DEADHEAT_MODEL("effect: gather")
// Blocks its thread: a string, `sleep`, `input`, `network` or what it waits for.
#define DEADHEAT_BLOCKS(what) DEADHEAT_MODEL("effect: block, what: " what)
// Lets other fibers run before it returns.
#define DEADHEAT_SWITCHES_FIBER DEADHEAT_MODEL("effect: suspend")

#endif
