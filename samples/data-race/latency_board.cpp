// verdict: confirmed
// shows: rarely
//
// A board of latencies: recording takes the lock, but the dashboard walks over the samples without it, while
// push_back may be moving them elsewhere.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

class LatencyBoard {
 public:
  void record(int millis) {
    std::lock_guard<std::mutex> lock(mu_);
    samples_.push_back(millis);  // expect: data-race LatencyBoard::samples_
  }

  // The slowest sample so far, or 0.
  int worst() const {
    int result = 0;
    for (int sample : samples_) {         // expect: data-race LatencyBoard::samples_
      result = std::max(result, sample);  // expect: data-race LatencyBoard::samples_
    }
    return result;
  }

  std::size_t count() const {
    std::lock_guard<std::mutex> lock(mu_);
    return samples_.size();
  }

 private:
  mutable std::mutex mu_;
  std::vector<int> samples_;
};

void measure(LatencyBoard& board) {
  for (int millis : {12, 31, 7, 18}) board.record(millis);
}

void drawDashboard(const LatencyBoard& board) {
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  std::printf("worst latency: %d ms\n", board.worst());
}

int main() {
  LatencyBoard board;
  std::thread probe([&board] { measure(board); });
  std::thread dashboard([&board] { drawDashboard(board); });
  probe.join();
  dashboard.join();

  std::printf("%zu samples\n", board.count());
  return board.count() == 4 ? 0 : 1;
}
