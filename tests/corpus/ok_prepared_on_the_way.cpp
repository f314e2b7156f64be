// The public method that sets everything going calls one that prepares the object before others have it.
#include <mutex>
#include <vector>

class Gate {
 public:
  int serve(int port) {
    if (begin(port) < 0) return -1;
    return static_cast<int>(waiting());
  }
  void arrive(int who) {
    std::lock_guard<std::mutex> lock(mu_);
    queue_.push_back(who);
  }
  std::size_t waiting() {
    std::lock_guard<std::mutex> lock(mu_);
    return queue_.size();
  }
  void drain() {
    std::lock_guard<std::mutex> lock(mu_);
    queue_.clear();
  }

 private:
  int begin(int port) { return port < 0 ? -1 : initQueue(); }
  int initQueue() {
    queue_.clear();
    return 0;
  }

  std::mutex mu_;
  std::vector<int> queue_;
};
