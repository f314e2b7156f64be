// Abseil: conditions that a mutex waits for, reader locks, a lock given back early, a notification that hands over.
#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>

#include <thread>

class Queue {
 public:
  void put(int item) {
    absl::MutexLock lock(&mu_);
    item_ = item;
    full_ = true;
  }

  int take() {
    mu_.LockWhen(absl::Condition(this, &Queue::isFull));
    full_ = false;
    const int item = item_;
    mu_.Unlock();
    return item;
  }

  void waitUntilEmpty() {
    absl::MutexLock lock(&mu_);
    auto empty = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !full_; };
    mu_.Await(absl::Condition(&empty));
    item_ = 0;
  }

  int peek() {
    absl::ReaderMutexLock lock(&mu_);
    return item_;
  }

  void early() {
    absl::ReleasableMutexLock lock(&mu_);
    ++item_;
    lock.Release();
  }

 private:
  bool isFull() const { return full_; }

  absl::Mutex mu_;
  int item_ ABSL_GUARDED_BY(mu_) = 0;
  bool full_ ABSL_GUARDED_BY(mu_) = false;
};

int result = 0;
absl::Notification done;

int main() {
  Queue queue;
  std::thread producer([&] {
    queue.put(1);
    queue.early();
    result = 7;
    done.Notify();
  });
  std::thread consumer([&] {
    queue.take();
    queue.waitUntilEmpty();
  });
  done.WaitForNotification();
  const int seen = result + queue.peek();
  producer.join();
  consumer.join();
  return seen;
}
