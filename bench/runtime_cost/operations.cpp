// The cost of single operations: prints `row TAB nanoseconds` for each, the least of several rounds.
//
//   operations THREADS [ROUNDS [ROW]]
//
// THREADS threads do the same at once, each on memory and locks of its own unless the row says "shared".
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "measure.h"

namespace cost {
namespace {

constexpr int kMostThreads = 8;
constexpr long kWords = 1 << 16;        // 512 KB, as long as nobody else is about, stays in the second-level cache.
constexpr long kStreamWords = 1 << 22;  // 32 MB does not.
constexpr long kLinks = 1 << 15;
constexpr long kLoops = 2000000;

struct Link {
  Link* next;
  long value;
};

/// What one thread works on.
struct Place {
  std::vector<long> words = std::vector<long>(kWords);
  std::vector<Link> links = std::vector<Link>(kLinks);
  std::mutex lock;
  std::atomic<long> counter{0};
  long fields[10] = {};
  char from[64] = {};
  char to[64] = {};
};

Place places[kMostThreads];
std::vector<long> stream;
std::mutex sharedLock;
long guarded;
std::atomic<long> sharedCounter;

/// A walk through all links that no prefetcher foresees.
void tie(std::vector<Link>& links) {
  for (long i = 0; i < kLinks; ++i) links[i] = {&links[(i * 20021 + 7) % kLinks], i};
}

__attribute__((noinline)) void writeAll(long* words, long count, long value) {
  for (long i = 0; i < count; ++i) words[i] = value + i;
}
__attribute__((noinline)) long readAll(const long* words, long count) {
  long sum = 0;
  for (long i = 0; i < count; ++i) sum += words[i];
  return sum;
}
/// Places that nothing tells before the loop runs.
__attribute__((noinline)) long readScattered(const long* words, long count) {
  long sum = 0;
  for (long i = 0; i < count; ++i) sum += words[(i * 7919) & (kWords - 1)];
  return sum;
}
__attribute__((noinline)) void writeScattered(long* words, long count) {
  for (long i = 0; i < count; ++i) words[(i * 7919) & (kWords - 1)] = i;
}
__attribute__((noinline)) long walk(const Link* link, long steps) {
  long sum = 0;
  for (; steps != 0; --steps, link = link->next) sum += link->value;
  return sum;
}
__attribute__((noinline)) void increment(long* word) {
  *word = *word + 1;
  asm volatile("" : : : "memory");
}
__attribute__((noinline)) void innerCall(long* word) { asm volatile("" : : "r"(word) : "memory"); }
__attribute__((noinline)) void outerCall(long* word) {
  innerCall(word);
  asm volatile("" : : : "memory");
}

/// One kind of operation: `run` does `count` of them and something with the memory of its thread.
struct Operation {
  const char* row;
  long count;
  void (*run)(Place& place, long count);
};

constexpr Operation kOperations[] = {
    {"write array 512K", kWords * 30,
     [](Place& place, long count) {
       for (long done = 0; done < count; done += kWords) writeAll(opaque(place.words.data()), kWords, done);
     }},
    {"read array 512K", kWords * 30,
     [](Place& place, long count) {
       for (long done = 0; done < count; done += kWords) use(readAll(opaque(place.words.data()), kWords));
     }},
    {"write scattered 512K", kLoops,
     [](Place& place, long count) { writeScattered(opaque(place.words.data()), count); }},
    {"read scattered 512K", kLoops,
     [](Place& place, long count) { use(readScattered(opaque(place.words.data()), count)); }},
    {"read stream 32M shared", kStreamWords, [](Place&, long count) { use(readAll(opaque(stream.data()), count)); }},
    {"pointer chase", kLoops, [](Place& place, long count) { use(walk(opaque(place.links.data()), count)); }},
    {"same variable in a call", kLoops,
     [](Place& place, long count) {
       for (long i = 0; i < count; ++i) increment(opaque(&place.fields[0]));
     }},
    {"two nested calls", kLoops,
     [](Place& place, long count) {
       for (long i = 0; i < count; ++i) outerCall(&place.fields[0]);
     }},
    {"lock and unlock", kLoops / 8,
     [](Place& place, long count) {
       for (long i = 0; i < count; ++i) {
         place.lock.lock();
         place.lock.unlock();
       }
     }},
    {"lock, 10 updates, unlock", kLoops / 8,
     [](Place& place, long count) {
       volatile long* fields = opaque(place.fields);
       for (long i = 0; i < count; ++i) {
         std::lock_guard<std::mutex> guard(place.lock);
         for (int k = 0; k < 10; ++k) fields[k] = fields[k] + 1;
       }
     }},
    {"lock and unlock shared", kLoops / 20,
     [](Place&, long count) {
       for (long i = 0; i < count; ++i) {
         std::lock_guard<std::mutex> guard(sharedLock);
         ++guarded;
       }
     }},
    {"fetch_add relaxed shared", kLoops / 4,
     [](Place&, long count) {
       for (long i = 0; i < count; ++i) sharedCounter.fetch_add(1, std::memory_order_relaxed);
     }},
    {"fetch_add seq_cst", kLoops / 4,
     [](Place& place, long count) {
       for (long i = 0; i < count; ++i) opaque(&place.counter)->fetch_add(1);
     }},
    {"fetch_add seq_cst shared", kLoops / 10,
     [](Place&, long count) {
       for (long i = 0; i < count; ++i) sharedCounter.fetch_add(1);
     }},
    {"load acquire shared", kLoops,
     [](Place&, long count) {
       long sum = 0;
       for (long i = 0; i < count; ++i) sum += sharedCounter.load(std::memory_order_acquire);
       use(sum);
     }},
    {"load acquire", kLoops,
     [](Place& place, long count) {
       long sum = 0;
       for (long i = 0; i < count; ++i) sum += opaque(&place.counter)->load(std::memory_order_acquire);
       use(sum);
     }},
    {"store release", kLoops / 4,
     [](Place& place, long count) {
       for (long i = 0; i < count; ++i) opaque(&place.counter)->store(i, std::memory_order_release);
     }},
    {"malloc and free 64", kLoops / 8,
     [](Place&, long count) {
       for (long i = 0; i < count; ++i) std::free(opaque(std::malloc(64)));
     }},
    {"malloc and free 1000", kLoops / 8,
     [](Place&, long count) {
       for (long i = 0; i < count; ++i) std::free(opaque(std::malloc(1000)));
     }},
    {"memcpy 48", kLoops / 4,
     [](Place& place, long count) {
       for (long i = 0; i < count; ++i)
         std::memcpy(opaque(place.to), opaque(place.from), static_cast<std::size_t>(48 - (i & 1)));
     }},
};

double leastOf(int rounds, int threads, const Operation& operation) {
  double least = 1e300;
  for (int round = 0; round < rounds; ++round) {
    double seconds = timed(threads, [&](int t) { operation.run(places[t], operation.count); });
    double nanoseconds = seconds * 1e9 / static_cast<double>(operation.count);
    if (nanoseconds < least) least = nanoseconds;
  }
  return least;
}

}  // namespace
}  // namespace cost

int main(int count, char** words) {
  using namespace cost;
  int threads = count > 1 ? std::atoi(words[1]) : 1;
  int rounds = count > 2 ? std::atoi(words[2]) : 3;
  std::string only = count > 3 ? words[3] : "";
  if (threads < 1 || threads > kMostThreads) return 64;
  stream.resize(kStreamWords);
  for (Place& place : places) tie(place.links);
  for (const Operation& operation : kOperations)
    if (only.empty() || only == operation.row) print(operation.row, leastOf(rounds, threads, operation));
}
