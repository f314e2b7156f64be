// Qt: a thread class, a pool task, a created thread and a concurrent run that share members without a lock.
#include <QMutex>
#include <QThread>
#include <QtConcurrent/QtConcurrentRun>

int started = 0;
int finished = 0;
int polled = 0;

class Worker : public QThread {
  void run() override { ++started; }  // expect: data-race started
};

class Task : public QRunnable {
 public:
  void run() override { ++finished; }  // expect: data-race finished
};

int main() {
  Worker worker;
  worker.start();
  ++started;  // allow: data-race started
  worker.wait();
  ++started;

  QThreadPool* pool = QThreadPool::globalInstance();
  pool->start(new Task);
  pool->start(new Task);
  pool->waitForDone();

  QFuture<int> poll = QtConcurrent::run([] { return ++polled; });  // expect: data-race polled
  polled = 0;  // allow: data-race polled
  poll.waitForFinished();
  return finished;
}
