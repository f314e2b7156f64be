// Small whole programs: one kernel a process, so that its peak of memory is its own.
//
//   kernels NAME     prints `time TAB nanoseconds` and `peak TAB kilobytes`
//   kernels          prints the names
#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "measure.h"

namespace cost {
namespace {

constexpr int kThreads = 2;

/// Pseudo-random numbers, the same in every run.
struct Draw {
  explicit Draw(int seed) : state(static_cast<unsigned>(seed) * 2654435761u + 1) {}
  unsigned operator()() {
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
  }
  unsigned state;
};

/// C = A B; the threads share the rows of C.
double multiplyMatrices() {
  constexpr int kSide = 240;
  std::vector<double> a(kSide * kSide, 1.5), b(kSide * kSide, 0.5), c(kSide * kSide);
  return timed(kThreads, [&](int t) {
    for (int row = t; row < kSide; row += kThreads)
      for (int column = 0; column < kSide; ++column) {
        double sum = 0;
        for (int k = 0; k < kSide; ++k) sum += a[row * kSide + k] * b[k * kSide + column];
        c[row * kSide + column] = sum;
      }
  });
}

/// Words counted in one table under one lock.
double countInTable() {
  std::unordered_map<std::string, int> table;
  std::mutex lock;
  return timed(kThreads, [&](int t) {
    Draw draw(t + 1);
    for (int i = 0; i < 150000; ++i) {
      std::string word = "word " + std::to_string(draw() % 4000);
      std::lock_guard<std::mutex> guard(lock);
      ++table[word];
    }
  });
}

/// Every thread sorts numbers of its own.
double sortNumbers() {
  return timed(kThreads, [](int t) {
    Draw draw(t + 1);
    std::vector<unsigned> numbers(300000);
    for (unsigned& number : numbers) number = draw();
    std::sort(numbers.begin(), numbers.end());
    use(numbers[numbers.size() / 2]);
  });
}

/// Half of the threads fill a bounded queue, half drain it.
double passThroughQueue() {
  constexpr int kItems = 60000;
  std::deque<int> queue;
  std::mutex lock;
  std::condition_variable filled, drained;
  return timed(kThreads, [&](int t) {
    for (int i = 0; i < kItems; ++i) {
      std::unique_lock<std::mutex> guard(lock);
      if (t % 2 == 0) {
        drained.wait(guard, [&] { return queue.size() < 64; });
        queue.push_back(i);
        filled.notify_one();
      } else {
        filled.wait(guard, [&] { return !queue.empty(); });
        queue.pop_front();
        drained.notify_one();
      }
    }
  });
}

struct Tree {
  std::unique_ptr<Tree> left, right;
  long value = 0;
};
std::unique_ptr<Tree> grow(int depth) {
  auto tree = std::make_unique<Tree>();
  tree->value = depth;
  if (depth == 0) return tree;
  tree->left = grow(depth - 1);
  tree->right = grow(depth - 1);
  return tree;
}
long sumOf(const Tree& tree) {
  return tree.value + (tree.left ? sumOf(*tree.left) : 0) + (tree.right ? sumOf(*tree.right) : 0);
}

/// Trees grown, walked and felled by recursion: calls, small blocks, pointers.
double growTrees() {
  return timed(kThreads, [](int) {
    for (int round = 0; round < 12; ++round) {
      std::unique_ptr<Tree> tree = grow(13);
      use(sumOf(*tree));
      use(sumOf(*tree));
    }
  });
}

/// Finds in an ordered map that both threads only read.
double lookUpShared() {
  std::map<int, int> map;
  Draw fill(9);
  for (int i = 0; i < 20000; ++i) map[static_cast<int>(fill() % 100000)] = i;
  return timed(kThreads, [&](int t) {
    Draw draw(t + 1);
    long sum = 0;
    for (int i = 0; i < 150000; ++i) {
      auto found = map.find(static_cast<int>(draw() % 100000));
      if (found != map.end()) sum += found->second;
    }
    use(sum);
  });
}

/// Bytes packed by runs and unpacked again, block by block.
double packRuns() {
  return timed(kThreads, [](int t) {
    std::vector<unsigned char> plain(1 << 16), packed(1 << 18), again(1 << 16);
    Draw draw(t + 1);
    for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<unsigned char>(draw() % 8 == 0 ? draw() : 7);
    for (int round = 0; round < 20; ++round) {
      std::size_t out = 0;
      for (std::size_t i = 0; i < plain.size();) {
        std::size_t run = 1;
        while (i + run < plain.size() && run < 255 && plain[i + run] == plain[i]) ++run;
        packed[out++] = static_cast<unsigned char>(run);
        packed[out++] = plain[i];
        i += run;
      }
      std::size_t in = 0;
      for (std::size_t i = 0; i < out; i += 2)
        for (unsigned run = packed[i]; run != 0; --run) again[in++] = packed[i + 1];
      use(again[in - 1]);
    }
  });
}

/// A grid, each cell from its neighbours, in steps that all threads begin together.
double relaxGrid() {
  constexpr int kSide = 300;
  std::vector<double> now(kSide * kSide, 1), next(kSide * kSide);
  std::mutex lock;
  std::condition_variable all;
  int arrived = 0, step = 0;
  return timed(kThreads, [&](int t) {
    for (int round = 0; round < 20; ++round) {
      const std::vector<double>& from = round % 2 == 0 ? now : next;
      std::vector<double>& to = round % 2 == 0 ? next : now;
      for (int row = 1 + t; row + 1 < kSide; row += kThreads)
        for (int at = row * kSide + 1; at + 1 < (row + 1) * kSide; ++at)
          to[at] = (from[at - 1] + from[at + 1] + from[at - kSide] + from[at + kSide]) / 4;
      std::unique_lock<std::mutex> guard(lock);
      int mine = step;
      if (++arrived == kThreads) {
        arrived = 0;
        ++step;
        all.notify_all();
      } else {
        all.wait(guard, [&] { return step != mine; });
      }
    }
  });
}

/// Lines split, joined and searched: many short-lived strings.
double handleText() {
  return timed(kThreads, [](int t) {
    Draw draw(t + 1);
    for (int i = 0; i < 20000; ++i) {
      std::string line;
      for (int field = 0; field < 8; ++field) line += std::to_string(draw() % 100000) + ",";
      std::vector<std::string> fields;
      for (std::size_t begin = 0, end; (end = line.find(',', begin)) != std::string::npos; begin = end + 1)
        fields.push_back(line.substr(begin, end - begin));
      std::sort(fields.begin(), fields.end());
      use(static_cast<long>(fields.front().size()));
    }
  });
}

struct Kernel {
  const char* name;
  double (*run)();
};
constexpr Kernel kKernels[] = {
    {"matrix", multiplyMatrices}, {"table", countInTable}, {"sort", sortNumbers},
    {"queue", passThroughQueue},  {"tree", growTrees},     {"map", lookUpShared},
    {"runs", packRuns},           {"grid", relaxGrid},     {"text", handleText},
};

}  // namespace
}  // namespace cost

int main(int count, char** words) {
  for (const cost::Kernel& kernel : cost::kKernels) {
    if (count < 2) std::printf("%s\n", kernel.name);
    if (count < 2 || std::strcmp(words[1], kernel.name) != 0) continue;
    cost::print("time", kernel.run() * 1e9);
    cost::print("peak", static_cast<double>(cost::peakKilobytes()));
  }
}
