// Reading, writing and waiting on file descriptors.
#include <sys/epoll.h>
#include <sys/types.h>

#include "runtime/intercept/descriptor_calls.h"

using namespace deadheat::rt;

DEADHEAT_INTERCEPT(ssize_t, read, (int descriptor, void* to, std::size_t size)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, descriptor, [=] { return real_read(descriptor, to, size); },
                [&](std::size_t count) { use.write(to, count); });
}

DEADHEAT_INTERCEPT(ssize_t, pread, (int descriptor, void* to, std::size_t size, off_t at)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, descriptor, [=] { return real_pread(descriptor, to, size, at); },
                [&](std::size_t count) { use.write(to, count); });
}

DEADHEAT_INTERCEPT(ssize_t, pread64, (int descriptor, void* to, std::size_t size, off_t at)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, descriptor, [=] { return real_pread64(descriptor, to, size, at); },
                [&](std::size_t count) { use.write(to, count); });
}

DEADHEAT_INTERCEPT(ssize_t, readv, (int descriptor, const iovec* parts, int count)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, descriptor, [=] { return real_readv(descriptor, parts, count); },
                [&](std::size_t size) { use.writeParts(parts, count, size); });
}

DEADHEAT_INTERCEPT(ssize_t, preadv, (int descriptor, const iovec* parts, int count, off_t at)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, descriptor, [=] { return real_preadv(descriptor, parts, count, at); },
                [&](std::size_t size) { use.writeParts(parts, count, size); });
}

DEADHEAT_INTERCEPT(ssize_t, preadv64, (int descriptor, const iovec* parts, int count, off_t at)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, descriptor, [=] { return real_preadv64(descriptor, parts, count, at); },
                [&](std::size_t size) { use.writeParts(parts, count, size); });
}

DEADHEAT_INTERCEPT(ssize_t, write, (int descriptor, const void* from, std::size_t size)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.read(from, size);
  use.awaits(descriptor, POLLOUT);
  use.gives(descriptor);
  return real_write(descriptor, from, size);
}

DEADHEAT_INTERCEPT(ssize_t, pwrite, (int descriptor, const void* from, std::size_t size, off_t at)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.read(from, size);
  use.awaits(descriptor, POLLOUT);
  use.gives(descriptor);
  return real_pwrite(descriptor, from, size, at);
}

DEADHEAT_INTERCEPT(ssize_t, pwrite64, (int descriptor, const void* from, std::size_t size, off_t at)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.read(from, size);
  use.awaits(descriptor, POLLOUT);
  use.gives(descriptor);
  return real_pwrite64(descriptor, from, size, at);
}

DEADHEAT_INTERCEPT(ssize_t, writev, (int descriptor, const iovec* parts, int count)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.readParts(parts, count);
  use.awaits(descriptor, POLLOUT);
  use.gives(descriptor);
  return real_writev(descriptor, parts, count);
}

DEADHEAT_INTERCEPT(ssize_t, pwritev, (int descriptor, const iovec* parts, int count, off_t at)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.readParts(parts, count);
  use.awaits(descriptor, POLLOUT);
  use.gives(descriptor);
  return real_pwritev(descriptor, parts, count, at);
}

DEADHEAT_INTERCEPT(ssize_t, pwritev64, (int descriptor, const iovec* parts, int count, off_t at)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.readParts(parts, count);
  use.awaits(descriptor, POLLOUT);
  use.gives(descriptor);
  return real_pwritev64(descriptor, parts, count, at);
}

DEADHEAT_INTERCEPT(int, fsync, (int descriptor)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.uses(descriptor);
  return real_fsync(descriptor);
}

DEADHEAT_INTERCEPT(int, fdatasync, (int descriptor)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.uses(descriptor);
  return real_fdatasync(descriptor);
}

DEADHEAT_INTERCEPT(int, ftruncate, (int descriptor, off_t size)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.uses(descriptor);
  return real_ftruncate(descriptor, size);
}

/// Who waits comes after who made something ready, and after who added what is waited for.
DEADHEAT_INTERCEPT(int, epoll_ctl, (int epoll, int operation, int descriptor, epoll_event* event)) {
  DEADHEAT_DESCRIPTOR_CALL;
  if (operation == EPOLL_CTL_DEL) {
    use.uses(descriptor);
    use.uses(epoll);
  } else {
    use.polls(epoll, descriptor);
    use.gives(epoll);
  }
  return real_epoll_ctl(epoll, operation, descriptor, event);
}

DEADHEAT_INTERCEPT(int, epoll_wait, (int epoll, epoll_event* events, int capacity, int limit)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, epoll, [=] { return real_epoll_wait(epoll, events, capacity, scheduleControlled ? 0 : limit); },
                [&](std::size_t count) { use.write(events, count * sizeof(epoll_event)); }, limit);
}

DEADHEAT_INTERCEPT(int, epoll_pwait, (int epoll, epoll_event* events, int capacity, int limit, const void* mask)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, epoll, [=] { return real_epoll_pwait(epoll, events, capacity, scheduleControlled ? 0 : limit, mask); },
                [&](std::size_t count) { use.write(events, count * sizeof(epoll_event)); }, limit);
}
