// The order of the first and the last lock follows from what is said of those between.
#include <mutex>

#define CAPABILITY __attribute__((capability("mutex")))
#define ACQUIRE __attribute__((acquire_capability()))
#define RELEASE __attribute__((release_capability()))
#define ACQUIRED_BEFORE(x) __attribute__((acquired_before(x)))
#define ACQUIRED_AFTER(x) __attribute__((acquired_after(x)))

class CAPABILITY Lock {
 public:
  void take() ACQUIRE { mutex_.lock(); }
  void give() RELEASE { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class Store {
 public:
  void compact() {
    files_.take();
    cache_.take();  // expect: guard-annotation Store::cache_
    cache_.give();
    files_.give();
  }
  void flush() {
    index_.take();
    files_.take();
    files_.give();
    index_.give();
  }

 private:
  Lock cache_ ACQUIRED_BEFORE(index_);
  Lock index_;
  Lock files_ ACQUIRED_AFTER(index_);
};

int main() {
  Store store;
  store.flush();
  store.compact();
}
