// A hook of the base class expects the lock of whoever calls it, and the hook that overrides it calls it in turn.
#include <mutex>
#include <string>

class Channel {
 public:
  virtual ~Channel() = default;

  void send(const std::string& text) {
    std::lock_guard<std::mutex> lock(mu_);
    if (!isOpen_) greet(text);
    sent_ += text;
  }

  std::string sent() {
    std::lock_guard<std::mutex> lock(mu_);
    return sent_;
  }

 protected:
  virtual void greet(const std::string& text) { connect(text); }

  void connect(const std::string& text) {
    isOpen_ = true;
    sent_ = text;
  }

 private:
  std::mutex mu_;
  bool isOpen_ = false;
  std::string sent_;
};

class SecureChannel : public Channel {
 protected:
  void greet(const std::string& text) override { Channel::greet("hello, " + text); }
};

int talk(SecureChannel& channel, Channel& plain) {
  channel.send("one");
  plain.send("two");
  return static_cast<int>(channel.sent().size());
}
