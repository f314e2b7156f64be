// verdict: confirmed
// shows: rarely
//
// A journal with a writer thread. Its destructor sums up before it has stopped the writer, which may still be counting.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

class Journal {
 public:
  Journal() : writer_([this] { run(); }) {}

  ~Journal() {
    std::printf("journal: %d lines written\n", written_);  // expect: data-race Journal::written_
    {
      std::lock_guard<std::mutex> lock(mu_);
      closing_ = true;
    }
    wake_.notify_one();
    writer_.join();
  }

  void append(const std::string& line) {
    {
      std::lock_guard<std::mutex> lock(mu_);
      pending_.push_back(line);
    }
    wake_.notify_one();
  }

 private:
  void run() {
    std::unique_lock<std::mutex> lock(mu_);
    while (true) {
      wake_.wait(lock, [this] { return closing_ || !pending_.empty(); });
      if (pending_.empty()) return;
      std::vector<std::string> batch;
      batch.swap(pending_);
      lock.unlock();
      writeOut(batch);
      lock.lock();
    }
  }

  // Only the writer thread comes here, so it counts without the lock.
  void writeOut(const std::vector<std::string>& batch) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    written_ += static_cast<int>(batch.size());  // expect: data-race Journal::written_
  }

  std::mutex mu_;
  std::condition_variable wake_;
  std::vector<std::string> pending_;
  bool closing_ = false;
  int written_ = 0;
  std::thread writer_;
};

int main() {
  auto journal = std::make_unique<Journal>();
  for (const char* line : {"started", "user logged in", "user logged out"}) journal->append(line);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  journal.reset();
  return 0;
}
