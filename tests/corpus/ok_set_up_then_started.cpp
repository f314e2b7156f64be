// Settings are made before the thread that reads them is started, which is for users to see to.
#include <functional>
#include <string>
#include <thread>
#include <utility>

class Listener {
 public:
  ~Listener() { stop(); }

  Listener& onMessage(std::function<void(const std::string&)> handler) {
    handler_ = std::move(handler);
    return *this;
  }
  void setPause(int milliseconds) { pause_ = milliseconds; }

  void start() {
    thread_ = std::thread([this] { run(); });
  }
  void stop() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    for (int waited = 0; waited < pause_; ++waited)
      if (handler_) handler_("tick");
  }

  std::function<void(const std::string&)> handler_;
  int pause_ = 10;
  std::thread thread_;
};
