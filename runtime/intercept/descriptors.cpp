// Opening, duplicating and closing file descriptors.
#include <fcntl.h>

#include <cstdarg>

#include "runtime/intercept/descriptor_calls.h"

using namespace deadheat::rt;

namespace {

bool hasMode(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

}  // namespace

#define DEADHEAT_MODE                \
  unsigned mode = 0;                 \
  if (hasMode(flags)) {              \
    va_list arguments;               \
    va_start(arguments, flags);      \
    mode = va_arg(arguments, unsigned); \
    va_end(arguments);               \
  }

DEADHEAT_INTERCEPT(int, open, (const char* path, int flags, ...)) {
  DEADHEAT_DESCRIPTOR_CALL;
  DEADHEAT_MODE
  return use.opened(real_open(path, flags, mode), kFiles);
}

DEADHEAT_INTERCEPT(int, open64, (const char* path, int flags, ...)) {
  DEADHEAT_DESCRIPTOR_CALL;
  DEADHEAT_MODE
  return use.opened(real_open64(path, flags, mode), kFiles);
}

DEADHEAT_INTERCEPT(int, openat, (int folder, const char* path, int flags, ...)) {
  DEADHEAT_DESCRIPTOR_CALL;
  DEADHEAT_MODE
  if (folder >= 0) use.uses(folder);
  return use.opened(real_openat(folder, path, flags, mode), kFiles);
}

DEADHEAT_INTERCEPT(int, openat64, (int folder, const char* path, int flags, ...)) {
  DEADHEAT_DESCRIPTOR_CALL;
  DEADHEAT_MODE
  if (folder >= 0) use.uses(folder);
  return use.opened(real_openat64(folder, path, flags, mode), kFiles);
}

DEADHEAT_INTERCEPT(int, creat, (const char* path, unsigned mode)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.opened(real_creat(path, mode), kFiles);
}

DEADHEAT_INTERCEPT(int, close, (int descriptor)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.closes(descriptor);
  return real_close(descriptor);
}

DEADHEAT_INTERCEPT(int, dup, (int descriptor)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.duplicated(descriptor, real_dup(descriptor));
}

DEADHEAT_INTERCEPT(int, dup2, (int from, int to)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.duplicated(from, real_dup2(from, to));
}

DEADHEAT_INTERCEPT(int, dup3, (int from, int to, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.duplicated(from, real_dup3(from, to, flags));
}

namespace {

int openedPair(const DescriptorCall& use, const int* pair, int result) {
  if (result != 0 || !use) return result;
  use.write(pair, 2 * sizeof(int));
  Channel channel = newChannel();
  use.opened(pair[0], channel);
  use.opened(pair[1], channel);
  return result;
}

}  // namespace

DEADHEAT_INTERCEPT(int, pipe, (int* pair)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return openedPair(use, pair, real_pipe(pair));
}

DEADHEAT_INTERCEPT(int, pipe2, (int* pair, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return openedPair(use, pair, real_pipe2(pair, flags));
}

DEADHEAT_INTERCEPT(int, socketpair, (int domain, int type, int protocol, int* pair)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return openedPair(use, pair, real_socketpair(domain, type, protocol, pair));
}

DEADHEAT_INTERCEPT(int, eventfd, (unsigned value, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.openedOwn(real_eventfd(value, flags));
}

DEADHEAT_INTERCEPT(int, signalfd, (int descriptor, const void* mask, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  if (descriptor >= 0) {
    use.uses(descriptor);
    return real_signalfd(descriptor, mask, flags);
  }
  return use.openedOwn(real_signalfd(descriptor, mask, flags));
}

DEADHEAT_INTERCEPT(int, timerfd_create, (int clock, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.openedOwn(real_timerfd_create(clock, flags));
}

DEADHEAT_INTERCEPT(int, memfd_create, (const char* name, unsigned flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.opened(real_memfd_create(name, flags), kFiles);
}

DEADHEAT_INTERCEPT(int, inotify_init, ()) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.openedOwn(real_inotify_init());
}

DEADHEAT_INTERCEPT(int, inotify_init1, (int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.openedOwn(real_inotify_init1(flags));
}

DEADHEAT_INTERCEPT(int, epoll_create, (int size)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.openedOwn(real_epoll_create(size));
}

DEADHEAT_INTERCEPT(int, epoll_create1, (int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.openedOwn(real_epoll_create1(flags));
}
