// verdict: confirmed
// shows: rarely
//
// A heartbeat starts its thread in a member initialiser and sets its limit in the constructor's body. While connecting
// takes longer than finishing the constructor, nobody notices.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

class Heartbeat {
 public:
  explicit Heartbeat(int beats) : thread_([this] { run(); }) {
    beats_ = beats;  // expect: publish-before-init Heartbeat::beats_
  }

  // Waits until all beats are out and says how many; call once.
  int finish() {
    thread_.join();
    return sent_.load();
  }

 private:
  void run() {
    connect();
    const int beats = beats_;  // expect: publish-before-init Heartbeat::beats_
    for (int i = 0; i < beats; ++i) sent_.fetch_add(1);
  }

  // Name look-up and handshake.
  static void connect() { std::this_thread::sleep_for(std::chrono::milliseconds(120)); }

  std::atomic<int> sent_{0};
  int beats_ = 0;
  std::thread thread_;
};

int main() {
  auto heartbeat = std::make_unique<Heartbeat>(5);
  const int sent = heartbeat->finish();
  std::printf("%d heartbeats sent\n", sent);
  return sent == 5 ? 0 : 1;
}
