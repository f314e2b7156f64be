// Locks behind accessors, in arrays and containers, handed in and out, moved and swapped between guards.
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

class Shards {
 public:
  explicit Shards(std::size_t n) : shards_(n) {}

  void add(std::size_t key) {
    Shard& shard = shards_[key % shards_.size()];
    std::lock_guard<std::mutex> guard(shard.mu);
    ++shard.hits;
  }
  int get(std::size_t key) {
    std::lock_guard<std::mutex> guard(lockFor(key));
    return shards_[key % shards_.size()].hits;
  }

 private:
  struct Shard {
    std::mutex mu;
    int hits = 0;
  };
  std::mutex& lockFor(std::size_t key) { return shards_[key % shards_.size()].mu; }
  std::vector<Shard> shards_;
};

class Store {
 public:
  std::mutex& mutex() { return mu_; }
  std::mutex* mutexPointer() { return &mu_; }
  std::unique_lock<std::mutex> freeze() { return std::unique_lock<std::mutex>(mu_); }

  void put(std::unique_lock<std::mutex>& held) {
    ++size_;
    held.unlock();
  }
  void take(std::unique_lock<std::mutex> held) { --size_; }
  int size() {
    std::lock_guard<std::mutex> guard(mutex());
    return size_;
  }
  void clear() {
    mutexPointer()->lock();
    size_ = 0;
    mutexPointer()->unlock();
  }

 private:
  std::mutex mu_;
  int size_ = 0;
};

std::mutex first, second;
int one = 0, two = 0;

void swapped() {
  std::unique_lock<std::mutex> a(first);
  std::unique_lock<std::mutex> b(second);
  a.swap(b);
  b.unlock();
  ++two;
  a.unlock();
}

void moved() {
  std::unique_lock<std::mutex> held;
  {
    std::unique_lock<std::mutex> lock(first);
    held = std::move(lock);
  }
  ++one;
}

void reassigned() {
  std::unique_lock<std::mutex> held(first);
  ++one;
  held = std::unique_lock<std::mutex>(second);
  ++two;
}

int main() {
  Shards shards(8);
  Store store;
  std::thread a([&] {
    shards.add(1);
    auto held = store.freeze();
    store.put(held);
    swapped();
    moved();
  });
  std::thread b([&] {
    shards.get(1);
    store.take(store.freeze());
    store.clear();
    reassigned();
  });
  const int seen = store.size();
  a.join();
  b.join();
  return seen + one + two;
}
