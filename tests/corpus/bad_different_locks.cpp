// Each side holds a lock, but not the same one.
#include <mutex>
#include <thread>

class Meter {
 public:
  void add(int value) {
    std::lock_guard<std::mutex> lock(writeMu_);
    total_ += value;  // expect: data-race Meter::total_
  }

  int read() {
    std::lock_guard<std::mutex> lock(readMu_);
    return total_;  // expect: data-race Meter::total_
  }

 private:
  std::mutex writeMu_;
  std::mutex readMu_;
  int total_ = 0;
};

int main() {
  Meter meter;
  int seen = 0;
  std::thread writer([&meter] { meter.add(3); });
  std::thread reader([&meter, &seen] { seen = meter.read(); });
  writer.join();
  reader.join();
  return seen >= 0 ? 0 : 1;
}
