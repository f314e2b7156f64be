// Sockets. What a connection carries orders all users of sockets: which two ends belong together is not followed.
#include <sys/socket.h>

#include "runtime/intercept/descriptor_calls.h"

using namespace deadheat::rt;

DEADHEAT_INTERCEPT(int, socket, (int domain, int type, int protocol)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return use.opened(real_socket(domain, type, protocol), kSockets);
}

DEADHEAT_INTERCEPT(int, connect, (int descriptor, const sockaddr* address, socklen_t size)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.gives(descriptor);
  use.givesTo(kConnections);
  return real_connect(descriptor, address, size);
}

DEADHEAT_INTERCEPT(int, bind, (int descriptor, const sockaddr* address, socklen_t size)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.uses(descriptor);
  return real_bind(descriptor, address, size);
}

DEADHEAT_INTERCEPT(int, listen, (int descriptor, int backlog)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.uses(descriptor);
  use.givesTo(kConnections);
  return real_listen(descriptor, backlog);
}

DEADHEAT_INTERCEPT(int, accept, (int descriptor, sockaddr* address, socklen_t* size)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.awaits(descriptor, POLLIN);
  use.uses(descriptor);
  int made = real_accept(descriptor, address, size);
  if (made >= 0) use.takesFrom(kConnections);
  return use.opened(made, kSockets);
}

DEADHEAT_INTERCEPT(int, accept4, (int descriptor, sockaddr* address, socklen_t* size, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.awaits(descriptor, POLLIN);
  use.uses(descriptor);
  int made = real_accept4(descriptor, address, size, flags);
  if (made >= 0) use.takesFrom(kConnections);
  return use.opened(made, kSockets);
}

DEADHEAT_INTERCEPT(int, shutdown, (int descriptor, int how)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.gives(descriptor);
  return real_shutdown(descriptor, how);
}

DEADHEAT_INTERCEPT(ssize_t, send, (int descriptor, const void* from, std::size_t size, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.read(from, size);
  use.awaits(descriptor, POLLOUT);
  use.gives(descriptor);
  return real_send(descriptor, from, size, flags);
}

DEADHEAT_INTERCEPT(ssize_t, sendto, (int descriptor, const void* from, std::size_t size, int flags,
                                     const sockaddr* address, socklen_t addressSize)) {
  DEADHEAT_DESCRIPTOR_CALL;
  use.read(from, size);
  use.awaits(descriptor, POLLOUT);
  use.gives(descriptor);
  return real_sendto(descriptor, from, size, flags, address, addressSize);
}

DEADHEAT_INTERCEPT(ssize_t, sendmsg, (int descriptor, const msghdr* message, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  if (use) use.readParts(message->msg_iov, static_cast<int>(message->msg_iovlen));
  use.awaits(descriptor, POLLOUT);
  use.gives(descriptor);
  return real_sendmsg(descriptor, message, flags);
}

DEADHEAT_INTERCEPT(int, sendmmsg, (int descriptor, mmsghdr* messages, unsigned count, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  for (unsigned i = 0; use && i < count; ++i)
    use.readParts(messages[i].msg_hdr.msg_iov, static_cast<int>(messages[i].msg_hdr.msg_iovlen));
  use.awaits(descriptor, POLLOUT);
  use.gives(descriptor);
  return real_sendmmsg(descriptor, messages, count, flags);
}

DEADHEAT_INTERCEPT(ssize_t, recv, (int descriptor, void* to, std::size_t size, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, descriptor, [=] { return real_recv(descriptor, to, size, flags); },
                [&](std::size_t count) { use.write(to, count < size ? count : size); });
}

DEADHEAT_INTERCEPT(ssize_t, recvfrom, (int descriptor, void* to, std::size_t size, int flags, sockaddr* address,
                                       socklen_t* addressSize)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, descriptor, [=] { return real_recvfrom(descriptor, to, size, flags, address, addressSize); },
                [&](std::size_t count) { use.write(to, count < size ? count : size); });
}

DEADHEAT_INTERCEPT(ssize_t, recvmsg, (int descriptor, msghdr* message, int flags)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, descriptor, [=] { return real_recvmsg(descriptor, message, flags); },
                [&](std::size_t size) { use.writeParts(message->msg_iov, static_cast<int>(message->msg_iovlen), size); });
}

DEADHEAT_INTERCEPT(int, recvmmsg, (int descriptor, mmsghdr* messages, unsigned count, int flags, timespec* limit)) {
  DEADHEAT_DESCRIPTOR_CALL;
  return taking(use, descriptor, [=] { return real_recvmmsg(descriptor, messages, count, flags, limit); },
                [&](std::size_t received) {
                  for (std::size_t i = 0; i < received; ++i)
                    use.writeParts(messages[i].msg_hdr.msg_iov, static_cast<int>(messages[i].msg_hdr.msg_iovlen),
                              messages[i].msg_len);
                });
}
