// What is done before a promise is kept comes before whatever follows the wait for its future, whoever holds the two ends.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <semaphore>
#include <thread>

namespace {

int level;

void fill(std::promise<int> done) {
  level = 2;
  done.set_value(3);
}

void drain(std::future<void> go) {
  go.wait();
  std::printf("%d\n", level);
}

void byArgument() {
  std::promise<int> done;
  std::future<int> result = done.get_future();
  std::thread filler(fill, std::move(done));
  level += result.get();
  filler.join();
}

void theOtherWay() {
  std::promise<void> go;
  std::thread drainer(drain, go.get_future());
  level = 7;
  go.set_value();
  drainer.join();
}

void byCapture() {
  std::promise<void> done;
  std::future<void> result = done.get_future();
  int made = 0;
  std::thread maker([&made, done = std::move(done)]() mutable {
    made = 1;
    done.set_value();
  });
  result.wait();
  std::printf("%d\n", made);
  maker.join();
}

void shared() {
  std::promise<void> go;
  std::shared_future<void> start(go.get_future());
  int given = 0;
  std::thread reader([&given, start] {
    start.wait();
    std::printf("%d\n", given);
  });
  given = 1;
  go.set_value();
  reader.join();
}

void polled() {
  int made = 0;
  std::future<void> result = std::async(std::launch::async, [&] { made = 3; });
  while (result.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
  }
  std::printf("%d\n", made);
}

void packaged() {
  int given = 0;
  std::packaged_task<int()> task([] { return 1; });
  std::future<int> result = task.get_future();
  std::thread runner([&] {
    given = 4;
    task();
  });
  std::printf("%d\n", result.get() + given);
  runner.join();
}

/// Waits in the constructor until its thread has begun.
class Server {
 public:
  Server() {
    std::promise<void> begun;
    thread_ = std::thread([this, &begun] {
      port_ = 80;
      begun.set_value();
      serve();
    });
    begun.get_future().wait();
    std::printf("%d\n", port_);
  }
  ~Server() {
    stop_ = true;
    thread_.join();
  }

 private:
  void serve() {
    while (!stop_) std::this_thread::yield();
  }
  int port_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

/// The same in a method, with a semaphore and with a flag of its own.
class Worker {
 public:
  ~Worker() {
    thread_.join();
    other_.join();
  }
  void start() {
    std::binary_semaphore begun(0);
    thread_ = std::thread([this, &begun] {
      id_ = 5;
      begun.release();
    });
    begun.acquire();
    std::printf("%d\n", id_);
  }
  void startOther() {
    std::atomic<bool> begun = false;
    other_ = std::thread([this, &begun] {
      otherId_ = 6;
      begun = true;
    });
    while (!begun) std::this_thread::yield();
    std::printf("%d\n", otherId_);
  }

 private:
  int id_ = 0, otherId_ = 0;
  std::thread thread_, other_;
};

}  // namespace

int main() {
  byArgument();
  theOtherWay();
  byCapture();
  shared();
  polled();
  packaged();
  Server server;
  Worker worker;
  worker.start();
  worker.startOther();
}
