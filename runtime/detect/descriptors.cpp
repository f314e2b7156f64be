#include "runtime/detect/descriptors.h"

#include "runtime/detect/thread.h"
#include "runtime/platform/pages.h"
#include "runtime/protocol.h"

namespace deadheat::rt {
namespace {

struct Descriptor {
  std::uint64_t word;  ///< Only its address matters.
  Address pc;
  Context context;
  ThreadId thread;
  Channel channel;
  Channel polledBy;  ///< That of an epoll descriptor which waits for this one.
  bool known;
  bool closed;
  std::uint64_t unused[3];  ///< To a cache line.
};
static_assert(sizeof(Descriptor) == 64);

constexpr unsigned kGroupShift = 10;
constexpr std::size_t kGroupSize = std::size_t{1} << kGroupShift;
constexpr std::size_t kGroups = 1024;
constexpr std::uint32_t kOwnChannels = 1 << 20;

Descriptor* groups[kGroups];
Channel channels = kConnections;
/// Channels have an address each, as synchronisation objects do; numbers wrap, which at worst orders too much.
char channelWords[kOwnChannels];

/// Null for what is no descriptor.
Descriptor* find(int descriptor) {
  auto number = static_cast<std::size_t>(descriptor);
  if (descriptor < 0 || number >= kGroups * kGroupSize) return nullptr;
  Descriptor*& group = groups[number >> kGroupShift];
  Descriptor* found = __atomic_load_n(&group, __ATOMIC_ACQUIRE);
  if (found == nullptr) {
    auto* fresh = static_cast<Descriptor*>(mapPages(kGroupSize * sizeof(Descriptor)));
    if (__atomic_compare_exchange_n(&group, &found, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      found = fresh;
    else
      unmapPages(fresh, kGroupSize * sizeof(Descriptor));
  }
  return &found[number & (kGroupSize - 1)];
}

void touch(Thread* self, Address pc, const Descriptor& descriptor, std::uint32_t flags) {
  memoryAccess(self, pc, reinterpret_cast<Address>(&descriptor.word), sizeof(descriptor.word), flags);
}

void mark(Thread* self, Address pc, Descriptor& descriptor, bool closed) {
  descriptor.pc = pc;
  descriptor.context = currentContext(self);
  descriptor.thread = threadId(self);
  descriptor.closed = closed;
  descriptor.known = true;
}

Address wordOf(Channel channel) { return reinterpret_cast<Address>(&channelWords[channel % kOwnChannels]); }

}  // namespace

Channel newChannel() {
  RuntimeScope scope;
  Channel channel = __atomic_add_fetch(&channels, 1, __ATOMIC_RELAXED);
  return channel % kOwnChannels > kConnections ? channel : newChannel();
}

/// Opening comes after the close that freed the number, in the kernel: whoever keeps a table by number relies on it. So
/// the word begins without a history, and what came before the close came before what follows.
void descriptorOpened(Thread* self, Address pc, int descriptor, Channel channel) {
  Descriptor* entry = find(descriptor);
  if (entry == nullptr) return;
  acquire(self, reinterpret_cast<Address>(&entry->word));
  memoryForgotten(reinterpret_cast<Address>(&entry->word), sizeof(entry->word));
  mark(self, pc, *entry, false);
  entry->channel = channel;
  entry->polledBy = 0;
  touch(self, pc, *entry, protocol::kAccessWrite);
}

/// A duplicate put in the place of an open descriptor is a way to switch its users over while they go on, so it counts as
/// a use and not as a close.
void descriptorDuplicated(Thread* self, Address pc, int from, int to) {
  Descriptor* source = find(from);
  Descriptor* target = find(to);
  if (source == nullptr || target == nullptr) return;
  touch(self, pc, *source, 0);
  if (!target->known || target->closed) return descriptorOpened(self, pc, to, source->channel);
  touch(self, pc, *target, 0);
  mark(self, pc, *target, false);
  target->channel = source->channel;
}

void descriptorClosed(Thread* self, Address pc, int descriptor) {
  Descriptor* entry = find(descriptor);
  if (entry == nullptr) return;
  touch(self, pc, *entry, protocol::kAccessWrite);
  release(self, reinterpret_cast<Address>(&entry->word));
  mark(self, pc, *entry, true);
  entry->channel = 0;
}

void descriptorUsed(Thread* self, Address pc, int descriptor) {
  if (Descriptor* entry = find(descriptor)) touch(self, pc, *entry, 0);
}

void descriptorGives(Thread* self, Address pc, int descriptor) {
  Descriptor* entry = find(descriptor);
  if (entry == nullptr) return;
  touch(self, pc, *entry, 0);
  channelGives(self, entry->channel);
  channelGives(self, entry->polledBy);
}

void descriptorPolled(Thread* self, Address pc, int epoll, int descriptor) {
  Descriptor* waiting = find(epoll);
  Descriptor* entry = find(descriptor);
  if (waiting == nullptr || entry == nullptr) return;
  touch(self, pc, *entry, 0);
  entry->polledBy = waiting->channel;
}

void descriptorTakes(Thread* self, Address pc, int descriptor) {
  Descriptor* entry = find(descriptor);
  if (entry == nullptr) return;
  channelTakes(self, entry->channel);
}

void channelGives(Thread* self, Channel channel) {
  if (channel != 0) release(self, wordOf(channel));
}
void channelTakes(Thread* self, Channel channel) {
  if (channel != 0) acquire(self, wordOf(channel));
}

bool findDescriptor(Address address, DescriptorInfo& out) {
  for (std::size_t g = 0; g < kGroups; ++g) {
    const Descriptor* group = __atomic_load_n(&groups[g], __ATOMIC_ACQUIRE);
    Address begin = reinterpret_cast<Address>(group);
    if (group == nullptr || address < begin || address >= begin + kGroupSize * sizeof(Descriptor)) continue;
    std::size_t index = (address - begin) / sizeof(Descriptor);
    const Descriptor& entry = group[index];
    out = {static_cast<int>(g * kGroupSize + index), entry.closed, entry.thread, entry.context, entry.pc};
    return entry.known;
  }
  return false;
}

}  // namespace deadheat::rt
