// A message is filled by one thread and emptied by another, without a lock of its own: the queue hands it over.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <utility>

struct Message {
  int size = 0;
  int checksum = 0;
};

class Channel {
 public:
  void send(std::unique_ptr<Message> message) {
    {
      std::lock_guard<std::mutex> lock(mu_);
      messages_.push(std::move(message));
    }
    filled_.notify_one();
  }

  std::unique_ptr<Message> receive() {
    std::unique_lock<std::mutex> lock(mu_);
    filled_.wait(lock, [this] { return !messages_.empty(); });
    std::unique_ptr<Message> message = std::move(messages_.front());
    messages_.pop();
    return message;
  }

 private:
  std::mutex mu_;
  std::condition_variable filled_;
  std::queue<std::unique_ptr<Message>> messages_;
};

int main() {
  Channel channel;
  int sum = 0;
  std::thread sender([&channel] {
    for (int size = 1; size <= 3; ++size) {
      auto message = std::make_unique<Message>();
      message->size = size;
      message->checksum = size * 31;
      channel.send(std::move(message));
    }
  });
  std::thread receiver([&channel, &sum] {
    for (int i = 0; i < 3; ++i) {
      std::unique_ptr<Message> message = channel.receive();
      message->checksum -= message->size;
      sum += message->checksum;
    }
  });
  sender.join();
  receiver.join();
  return sum == 180 ? 0 : 1;
}
