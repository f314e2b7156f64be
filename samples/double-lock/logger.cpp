// verdict: confirmed
// shows: often
//
// A logger that starts a new page when one is full, and logs that it did: under the lock it is about to take.
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

class Logger {
 public:
  void log(const std::string& line) {
    std::lock_guard<std::mutex> lock(mu_);  // expect: double-lock Logger::mu_
    page_.push_back(line);
    ++lines_;
    if (page_.size() >= kLinesPerPage) startPage();
  }

  std::size_t lines() {
    std::lock_guard<std::mutex> lock(mu_);
    return lines_;
  }

 private:
  static constexpr std::size_t kLinesPerPage = 8;

  void startPage() {
    page_.clear();
    log("-- new page --");
  }

  std::mutex mu_;
  std::vector<std::string> page_;
  std::size_t lines_ = 0;
};

void importFiles(Logger& logger) {
  for (const char* file : {"a.csv", "b.csv", "c.csv", "d.csv", "e.csv"}) logger.log(std::string("imported ") + file);
}

void indexFiles(Logger& logger) {
  for (const char* file : {"a.csv", "b.csv", "c.csv", "d.csv", "e.csv"}) logger.log(std::string("indexed ") + file);
}

int main() {
  Logger logger;
  std::thread importer([&logger] { importFiles(logger); });
  std::thread indexer([&logger] { indexFiles(logger); });
  importer.join();
  indexer.join();

  std::printf("%zu lines logged\n", logger.lines());
  return 0;
}
