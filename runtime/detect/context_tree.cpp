#include "runtime/detect/context_tree.h"

#include "runtime/detect/mix.h"
#include "runtime/platform/pages.h"

namespace deadheat::rt {
namespace {

/// A node, or a call that leads back to one: then `target` is another context.
struct Node {
  Address returnAddress;
  Context parent;
  Context target;
  std::uint32_t next;  ///< In its bucket.
  std::uint32_t unused;
};

constexpr unsigned kChunkShift = 13;
constexpr std::uint32_t kChunkNodes = 1u << kChunkShift;
constexpr std::uint32_t kChunks = 1u << 15;
constexpr std::uint32_t kMaxNodes = kChunks * kChunkNodes;
constexpr std::size_t kBuckets = 1u << 20;
constexpr int kCallersCompared = 64;
constexpr int kRepetitions = 2;
constexpr int kDirectRepetitions = 127;
constexpr std::uint32_t kNodesForDirect = 1u << 18;

Node* chunks[kChunks];
std::uint32_t buckets[kBuckets];
std::uint32_t nodeCount = 1;  // 0 is the root.
SpinLock chunkLock;

Node& node(std::uint32_t index) {
  return __atomic_load_n(&chunks[index >> kChunkShift], __ATOMIC_ACQUIRE)[index & (kChunkNodes - 1)];
}

void makeChunk(std::uint32_t index) {
  SpinGuard guard(chunkLock);
  if (chunks[index] == nullptr)
    __atomic_store_n(&chunks[index], static_cast<Node*>(mapPages(kChunkNodes * sizeof(Node))), __ATOMIC_RELEASE);
}

/// 0 when all are taken: deeper calls then keep the context of their caller.
std::uint32_t takeNode() {
  std::uint32_t index = __atomic_fetch_add(&nodeCount, 1, __ATOMIC_RELAXED);
  if (index >= kMaxNodes) {
    __atomic_store_n(&nodeCount, kMaxNodes, __ATOMIC_RELAXED);
    return 0;
  }
  if (__atomic_load_n(&chunks[index >> kChunkShift], __ATOMIC_ACQUIRE) == nullptr) makeChunk(index >> kChunkShift);
  return index;
}

/// The nodes of a bucket from `first` up to and without `last`.
std::uint32_t findNode(std::uint32_t first, std::uint32_t last, Context parent, Address returnAddress) {
  for (std::uint32_t i = first; i != last; i = node(i).next)
    if (node(i).returnAddress == returnAddress && node(i).parent == parent) return i;
  return 0;
}

/// True if the call only makes a row of calls from this one place longer, which is told as long as there is room: it is
/// the plain recursion that people want to see.
bool isDirectRecursion(Context parent, Address returnAddress) {
  if (__atomic_load_n(&nodeCount, __ATOMIC_RELAXED) >= kNodesForDirect) return false;
  Context context = parent;
  int length = 0;
  while (context != 0 && length < kDirectRepetitions && node(context).returnAddress == returnAddress) {
    context = node(context).parent;
    ++length;
  }
  return length != 0 && length < kDirectRepetitions;
}

/// Where a call that repeats its callers leads back to; 0 if it is none.
Context recursionTarget(Context parent, Address returnAddress) {
  if (isDirectRecursion(parent, returnAddress)) return 0;
  Context nearest = 0;
  int repeated = 0;
  Context context = parent;
  for (int i = 0; i < kCallersCompared && context != 0; ++i) {
    if (node(context).returnAddress == returnAddress) {
      if (nearest == 0) nearest = context;
      if (++repeated == kRepetitions) return nearest;
    }
    context = node(context).parent;
  }
  return 0;
}

/// Parents that were made at about the same time share a page of buckets, so a short run touches few of them. As every node
/// has one parent, a page fills no faster than its parents do.
std::size_t bucketOf(Context parent, Address returnAddress) {
  constexpr unsigned kParentsShift = 8;
  constexpr std::size_t kPageBuckets = 1024;
  std::uint64_t hash = mix(returnAddress + (std::uint64_t{parent} << 40 ^ parent));
  return (std::size_t{parent >> kParentsShift} * kPageBuckets + hash % kPageBuckets) % kBuckets;
}

}  // namespace

Context childContext(Context parent, Address returnAddress) {
  std::uint32_t* bucket = &buckets[bucketOf(parent, returnAddress)];
  std::uint32_t head = __atomic_load_n(bucket, __ATOMIC_ACQUIRE);
  if (std::uint32_t found = findNode(head, 0, parent, returnAddress)) return node(found).target;
  std::uint32_t index = takeNode();
  if (index == 0) return parent;
  Context target = recursionTarget(parent, returnAddress);
  node(index) = {returnAddress, parent, target != 0 ? target : index, head, 0};
  while (!__atomic_compare_exchange_n(bucket, &head, index, false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) {
    if (std::uint32_t found = findNode(head, node(index).next, parent, returnAddress)) return node(found).target;
    node(index).next = head;  // The number taken is lost when another thread was first; that is rare.
  }
  return node(index).target;
}

Context parentContext(Context context, Address& returnAddress) {
  if (context == 0) return 0;
  returnAddress = node(context).returnAddress;
  return node(context).parent;
}

std::uint32_t contextCount() { return __atomic_load_n(&nodeCount, __ATOMIC_RELAXED); }

SpinLock& contextLock() { return chunkLock; }

std::size_t unwind(Context context, Address pc, Address* out, std::size_t capacity) {
  std::size_t count = 0;
  if (pc != 0 && capacity != 0) out[count++] = pc;
  while (context != 0 && count < capacity) context = parentContext(context, out[count++]);
  return count;
}

}  // namespace deadheat::rt
