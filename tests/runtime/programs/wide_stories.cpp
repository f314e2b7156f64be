// Accesses that the stock instrumentation leaves out: wide vectors, long double, lanes under a mask, a read that a
// compiler may take for covered by the write after it, and members of local variables that are not the first.
#if defined(__clang__)
#include <immintrin.h>
#endif

#include <atomic>
#include <cstring>
#include <thread>
#include <unistd.h>

#include "stories.h"

#define APART __attribute__((noinline))
#define APART_AVX __attribute__((noinline, target("avx2")))

constexpr int kLanes = 64;
int lanes[kLanes];  // Not of this file alone, or nobody would read it and the writes would go.
long double reals[2];

namespace {

using Vector = float __attribute__((vector_size(32)));

std::atomic<int> turn;

/// `first` runs in a thread, then, not ordered after it, `second` in this one.
template <class First, class Second>
void oneAfterTheOther(First first, Second second) {
  std::thread thread([&] {
    first();
    turn.store(1, std::memory_order_relaxed);
    while (turn.load(std::memory_order_relaxed) < 2) usleep(100);
  });
  while (turn.load(std::memory_order_relaxed) < 1) usleep(100);
  second();
  turn.store(2, std::memory_order_relaxed);
  thread.join();
}

Vector vectors[2];
thread_local volatile float sink;

APART_AVX void setVector(Vector* to, float value) {
  *to = Vector{value, value, value, value, value, value, value, value};
}
APART_AVX void readVector(const Vector* from) {
  Vector value = *from;
  sink = value[0] + value[7];
}
APART void setByte(char* to) { *to = 1; }

void vectorsOfTwo() {
  oneAfterTheOther([] { setVector(&vectors[0], 1); }, [] { setVector(&vectors[0], 2); });
}
void vectorAgainstItsLastByte() {
  oneAfterTheOther([] { setVector(&vectors[0], 1); }, [] { setByte(reinterpret_cast<char*>(&vectors[1]) - 1); });
}
void vectorNeighbours() {
  oneAfterTheOther([] { setVector(&vectors[0], 1); }, [] { setVector(&vectors[1], 2); });
}
void vectorReaders() {
  oneAfterTheOther([] { readVector(&vectors[0]); }, [] { readVector(&vectors[0]); });
}

APART void setReal(long double* to, long double value) { *to = value; }

void longDoubles() {
  oneAfterTheOther([] { setReal(&reals[0], 1); }, [] { setReal(&reals[0], 2); });
}
void longDoubleNeighbours() {
  oneAfterTheOther([] { setReal(&reals[0], 1); }, [] { setReal(&reals[1], 2); });
}

const int kEven[2] = {1, 0};

/// Sets the lanes whose `chosen` is not 0; vectorised, that is stores under a mask.
APART_AVX void setChosen(int* to, const int* chosen, int value) {
#if defined(__clang__)
#pragma clang loop vectorize(enable) vectorize_width(8)
#endif
  for (int i = 0; i < kLanes; ++i)
    if (chosen[i] != 0) to[i] = value;
}
void setHalf(int first, int value) {
  int chosen[kLanes];
  for (int i = 0; i < kLanes; ++i) chosen[i] = kEven[(i + first) % 2];
  setChosen(lanes, chosen, value);
}
/// One lane in each, so that there is one race.
void setOne(int lane, int value) {
  int chosen[kLanes] = {};
  chosen[lane] = 1;
  setChosen(lanes, chosen, value);
}
void maskedSameLanes() {
  oneAfterTheOther([] { setOne(9, 1); }, [] { setOne(9, 2); });
}
void maskedOtherLanes() {
  oneAfterTheOther([] { setHalf(0, 1); }, [] { setHalf(1, 2); });
}

/// Lanes of a vector, chosen by `mask`, put one after the other; by one instruction where that can be.
#if defined(__clang__)
__attribute__((noinline, target("avx512f"))) void packByOne(int* to, unsigned mask, int value) {
  _mm512_mask_compressstoreu_epi32(to, static_cast<__mmask16>(mask), _mm512_set1_epi32(value));
}
__attribute__((noinline, target("avx512f"))) int unpackByOne(const int* from, unsigned mask) {
  return _mm512_reduce_add_epi32(_mm512_maskz_expandloadu_epi32(static_cast<__mmask16>(mask), from));
}
bool canBeOne() { return __builtin_cpu_supports("avx512f"); }
#else
void packByOne(int*, unsigned, int) {}
int unpackByOne(const int*, unsigned) { return 0; }
bool canBeOne() { return false; }
#endif
APART void pack(int* to, unsigned mask, int value) {
  if (canBeOne()) return packByOne(to, mask, value);
  for (; mask != 0; mask &= mask - 1) *to++ = value;
}
APART void unpack(const int* from, unsigned mask) {
  if (canBeOne()) return void(sink = static_cast<float>(unpackByOne(from, mask)));
  for (; mask != 0; mask &= mask - 1) sink = static_cast<float>(*from++);
}

/// Four lanes, whichever, are the first four words; three are not.
void packedOverlap() {
  oneAfterTheOther([] { pack(lanes, 0x8421, 1); }, [] { setByte(reinterpret_cast<char*>(lanes + 3)); });
}
void packedApart() {
  oneAfterTheOther([] { pack(lanes, 0x8420, 1); }, [] { setByte(reinterpret_cast<char*>(lanes + 3)); });
}
void unpackedOverlap() {
  oneAfterTheOther([] { unpack(lanes, 0x8421); }, [] { setByte(reinterpret_cast<char*>(lanes + 3)); });
}
void unpackedApart() {
  oneAfterTheOther([] { unpack(lanes, 0); unpack(lanes, 0x8420); }, [] { setByte(reinterpret_cast<char*>(lanes + 3)); });
}

int count;
std::atomic<int> published;
APART void readAcquireWrite() {
  int before = count;
  int seen = published.load(std::memory_order_acquire);
  count = before + seen;
}
APART void acquireReadWrite() {
  int seen = published.load(std::memory_order_acquire);
  int before = count;
  count = before + seen;
}
APART void publish() {
  count = 7;
  published.store(1, std::memory_order_release);
}
void readBeforeAcquire() { oneAfterTheOther(publish, readAcquireWrite); }
void readAfterAcquire() { oneAfterTheOther(publish, acquireReadWrite); }

struct Span {
  int begin;
  int end;
};
void waitFor(int value) {
  while (turn.load(std::memory_order_relaxed) < value) usleep(100);
}
/// A thread writes the later member of a local variable, which the owner reads by its name, not through a pointer.
void memberOfALocal() {
  Span span{1, 2};
  std::thread thread([&span] {
    span.end = 5;
    turn.store(1, std::memory_order_relaxed);
  });
  waitFor(1);
  sink = static_cast<float>(span.end);
  thread.join();
}
/// Each its member; and what the owner wrote before, and reads after.
void membersOfALocal() {
  Span span{1, 2};
  span.end = 3;
  std::thread thread([&span] {
    span.begin += span.end;
    turn.store(1, std::memory_order_relaxed);
  });
  waitFor(1);
  sink = static_cast<float>(span.end);
  thread.join();
  span.end += span.begin;
  sink = static_cast<float>(span.end);
}

const Story kStories[] = {
    {"vectors", vectorsOfTwo}, {"vectorAgainstItsLastByte", vectorAgainstItsLastByte},
    {"vectorNeighbours", vectorNeighbours}, {"vectorReaders", vectorReaders}, {"longDoubles", longDoubles},
    {"longDoubleNeighbours", longDoubleNeighbours}, {"maskedSameLanes", maskedSameLanes},
    {"maskedOtherLanes", maskedOtherLanes}, {"readBeforeAcquire", readBeforeAcquire},
    {"readAfterAcquire", readAfterAcquire}, {"packedOverlap", packedOverlap}, {"packedApart", packedApart},
    {"unpackedOverlap", unpackedOverlap}, {"unpackedApart", unpackedApart},
    {"memberOfALocal", memberOfALocal}, {"membersOfALocal", membersOfALocal},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
