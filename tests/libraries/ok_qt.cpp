// Qt: lockers, a read-write lock, a condition, threads that are waited for.
#include <QMutex>
#include <QThread>
#include <QtConcurrent/QtConcurrentRun>

class Cache {
 public:
  int get() {
    QReadLocker lock(&lock_);
    return value_;
  }
  void set(int value) {
    QWriteLocker lock(&lock_);
    value_ = value;
  }

 private:
  QReadWriteLock lock_;
  int value_ = 0;
};

class Box {
 public:
  void put(int value) {
    QMutexLocker<QMutex> locker(&mutex_);
    value_ = value;
    full_ = true;
    ready_.wakeOne();
  }
  int take() {
    QMutexLocker<QMutex> locker(&mutex_);
    while (!full_) ready_.wait(&mutex_);
    locker.unlock();
    locker.relock();
    full_ = false;
    return value_;
  }

 private:
  QMutex mutex_;
  QWaitCondition ready_;
  int value_ = 0;
  bool full_ = false;
};

class Producer : public QThread {
 public:
  explicit Producer(Box& box) : box_(box) {}
  int made = 0;

 private:
  void run() override {
    box_.put(1);
    ++made;
  }
  Box& box_;
};

int main() {
  Box box;
  Cache cache;
  Producer producer(box);
  producer.start();
  QThread* reader = QThread::create([&] { cache.get(); });
  QFuture<int> writing = QtConcurrent::run([&] {
    cache.set(box.take());
    return 0;
  });
  producer.wait();
  reader->wait();
  writing.waitForFinished();
  return producer.made + cache.get();
}
