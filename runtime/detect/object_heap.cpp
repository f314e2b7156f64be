#include "runtime/detect/object_heap.h"

#include "runtime/detect/thread.h"
#include "runtime/platform/growing_array.h"
#include "runtime/platform/pages.h"
#include "runtime/platform/spin_lock.h"

namespace deadheat::rt {
namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kPage = 4096;

SpinLock lock;
Address heapBegin;
std::size_t places;            ///< In the heap.
std::uint32_t* starts;         ///< By place: number of the object that begins there, 0: none. Pages come with use.
GrowingArray<BlockInfo> objects;
GrowingArray<std::uint32_t> freeNumbers;

std::size_t placeOf(Address address) { return (address - heapBegin) / kAlignment; }
std::size_t placeAfter(Address address) {
  std::size_t place = placeOf(address + kAlignment - 1);
  return place < places ? place : places;
}
bool inside(Address address) { return address - heapBegin < places * kAlignment; }

void put(std::size_t place, std::uint32_t number) {
  if (starts[place] != 0) freeNumbers.push(starts[place]);
  starts[place] = number;
}

}  // namespace

void objectHeapBegins(Address begin, std::size_t size) {
  RuntimeScope scope;
  SpinGuard guard(lock);
  heapBegin = begin;
  places = size / kAlignment;
  starts = static_cast<std::uint32_t*>(mapPages((places * sizeof(*starts) + kPage - 1) & ~(kPage - 1)));
  objects.clear();
  objects.push({});
  freeNumbers.clear();
}

void rememberObject(const BlockInfo& object) {
  RuntimeScope scope;
  SpinGuard guard(lock);
  if (!inside(object.begin)) return;
  std::uint32_t number = freeNumbers.size() != 0 ? freeNumbers.pop() : static_cast<std::uint32_t>(objects.size());
  if (number == objects.size()) objects.push({});
  objects[number] = object;
  put(placeOf(object.begin), number);
}

void forgetObjects(Address begin, std::size_t size) {
  RuntimeScope scope;
  SpinGuard guard(lock);
  if (!inside(begin)) return;
  for (std::size_t place = placeOf(begin), end = placeAfter(begin + size); place < end; ++place) put(place, 0);
}

void moveObjects(Address from, Address to, std::size_t size) {
  RuntimeScope scope;
  SpinGuard guard(lock);
  if (!inside(from) || !inside(to) || from == to) return;
  std::size_t first = placeOf(from);
  std::size_t target = placeOf(to);
  std::size_t count = placeAfter(from + size) - first;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t step = to < from ? i : count - 1 - i;
    std::uint32_t number = starts[first + step];
    starts[first + step] = 0;
    put(target + step, number);
    if (number != 0) objects[number].begin = to + step * kAlignment;
  }
}

bool firstObject(Address from, Address to, BlockInfo& out) {
  RuntimeScope scope;
  SpinGuard guard(lock);
  if (!inside(from)) return false;
  for (std::size_t place = placeAfter(from), end = placeAfter(to); place < end; ++place) {
    if (starts[place] == 0) continue;
    out = objects[starts[place]];
    return true;
  }
  return false;
}

bool findObject(Address address, BlockInfo& out) {
  SpinGuard guard(lock);
  if (!inside(address)) return false;
  for (std::size_t place = placeOf(address) + 1; place-- != 0;) {
    if (starts[place] == 0) continue;
    out = objects[starts[place]];
    return address - out.begin < out.size;
  }
  return false;
}

}  // namespace deadheat::rt
