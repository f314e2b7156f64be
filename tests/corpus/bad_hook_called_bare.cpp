// The same hook is called under the lock by one method and without it by another.
#include <mutex>
#include <string>

class Channel {
 public:
  virtual ~Channel() = default;

  void send(const std::string& text) {
    std::lock_guard<std::mutex> lock(mu_);
    if (sent_.empty()) greet(text);
    sent_ += text;
  }

  std::string sent() {
    std::lock_guard<std::mutex> lock(mu_);
    return sent_;
  }

  void again(const std::string& text) { greet(text); }

  virtual void greet(const std::string& text) { sent_ = text; }  // expect: inconsistent-guard Channel::sent_

 private:
  std::mutex mu_;
  std::string sent_;
};

class SecureChannel : public Channel {
 public:
  void greet(const std::string& text) override { Channel::greet("hello, " + text); }
};

int talk(SecureChannel& channel, Channel& plain) {
  channel.send("one");
  plain.again("two");
  return static_cast<int>(channel.sent().size());
}
