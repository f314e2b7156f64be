// An object made at its first use has a lock that is initialised by its constructor: not while somebody holds it.
#include <pthread.h>

#include <thread>

namespace {

class Mutex {
 public:
  Mutex() { pthread_mutex_init(&mutex_, nullptr); }
  void lock() { pthread_mutex_lock(&mutex_); }
  void unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t mutex_;
};

class Hold {
 public:
  explicit Hold(Mutex* mutex) : mutex_(mutex) { mutex_->lock(); }
  ~Hold() { mutex_->unlock(); }

 private:
  Mutex* const mutex_;
};

class Register {
 public:
  static Register* only() {
    static Register* one = new Register();
    return one;
  }
  static Mutex* mutex() { return &only()->mutex_; }
  void add(int n) {
    Hold hold(mutex());
    only()->sum_ += n;
  }

 private:
  Mutex mutex_;
  int sum_ = 0;
};

}  // namespace

int main() {
  std::thread other([] { Register::only()->add(1); });
  Register::only()->add(2);
  other.join();
}
