// A mailbox that throws out the oldest letter when it is full, directly and under the one lock it holds; the lock is
// the project's own, wrapped twice and defined elsewhere.
#include <cstddef>
#include <cstdio>
#include <deque>
#include <string>
#include <thread>

#include "mailbox.h"

class Mailbox {
 public:
  void push(const std::string& letter) {
    Holder holder(mu_);
    if (letters_.size() == kCapacity) letters_.pop_front();
    letters_.push_back(letter);
  }

  // The oldest letter, or nothing.
  std::string pop() {
    Holder holder(mu_);
    if (letters_.empty()) return "";
    std::string letter = letters_.front();
    letters_.pop_front();
    return letter;
  }

  std::size_t size() {
    Holder holder(mu_);
    return letters_.size();
  }

 private:
  static constexpr std::size_t kCapacity = 4;

  Mutex mu_;
  std::deque<std::string> letters_;
};

void sendReminders(Mailbox& mailbox) {
  for (const char* letter : {"rent", "power", "water", "phone", "books"}) mailbox.push(letter);
}

int main() {
  Mailbox mailbox;
  std::thread sender([&mailbox] { sendReminders(mailbox); });
  sender.join();

  const std::string oldest = mailbox.pop();
  std::printf("oldest letter: %s, %zu left\n", oldest.c_str(), mailbox.size());
  return 0;
}
