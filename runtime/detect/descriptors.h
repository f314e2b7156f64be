// File descriptors as memory: each has a word of its own that a use reads and a close writes, so that a race between the
// two is found as any other. What goes through a pipe or socket orders its two ends.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// What orders the users of a descriptor: a number, shared by duplicates and by the two ends of a pipe. 0: nothing.
using Channel = std::uint32_t;
/// Channels all files, all sockets and all who connect share: what passes through the kernel there is not followed.
inline constexpr Channel kFiles = 1;
inline constexpr Channel kSockets = 2;
inline constexpr Channel kConnections = 3;
Channel newChannel();

void descriptorOpened(Thread* self, Address pc, int descriptor, Channel channel);
void descriptorDuplicated(Thread* self, Address pc, int from, int to);
void descriptorClosed(Thread* self, Address pc, int descriptor);
/// A use that neither takes from nor gives to others.
void descriptorUsed(Thread* self, Address pc, int descriptor);
/// Before something is given: what self did comes before what the taker does.
void descriptorGives(Thread* self, Address pc, int descriptor);
/// After something was taken.
void descriptorTakes(Thread* self, Address pc, int descriptor);
/// `epoll` waits for the descriptor from now on: what is given to that comes before who is woken.
void descriptorPolled(Thread* self, Address pc, int epoll, int descriptor);
/// A channel alone.
void channelGives(Thread* self, Channel channel);
void channelTakes(Thread* self, Channel channel);

/// Which descriptor the word at `address` stands for, and who opened or last closed it. False if it is none.
struct DescriptorInfo {
  int descriptor;
  bool closed;
  ThreadId thread;
  Context context;
  Address pc;
};
bool findDescriptor(Address address, DescriptorInfo& out);

}  // namespace deadheat::rt
