// A gateway learns the version of its peer on one thread; the thread that uses it waits, under a lock of the gateway's
// own, until it is known.
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

class EventLog {
 public:
  void add(const std::string& line) {
    std::lock_guard<std::mutex> lock(mu_);
    lines_.push_back(line);
  }

  std::size_t size() {
    std::lock_guard<std::mutex> lock(mu_);
    return lines_.size();
  }

 private:
  std::mutex mu_;
  std::vector<std::string> lines_;
};

class Gateway {
 public:
  explicit Gateway(EventLog& log) : log_(log) {}

  void connect() {
    {
      std::lock_guard<std::mutex> lock(mu_);
      peerVersion_ = 7;
    }
    connected_.notify_all();
    log_.add("peer connected");
  }

  // Returns whether the message could be encoded for the peer.
  bool forward(const std::string& message) {
    log_.add("forwarding " + message);
    std::unique_lock<std::mutex> lock(mu_);
    connected_.wait(lock, [this] { return peerVersion_ != 0; });
    return peerVersion_ >= 5;
  }

 private:
  EventLog& log_;
  std::mutex mu_;
  std::condition_variable connected_;
  int peerVersion_ = 0;
};

int main() {
  EventLog log;
  Gateway gateway(log);
  bool sent = false;

  std::thread connector([&gateway] { gateway.connect(); });
  std::thread dispatcher([&gateway, &sent] {
    // Traffic starts when the first client has found us.
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    sent = gateway.forward("hello");
  });
  connector.join();
  dispatcher.join();

  std::printf("%zu events, message %s\n", log.size(), sent ? "sent" : "refused");
  return sent ? 0 : 1;
}
