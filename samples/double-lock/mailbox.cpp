// verdict: confirmed
// shows: often
//
// A mailbox that throws out the oldest letter when it is full. It does so through pop(), which takes the lock again;
// the lock is the project's own, wrapped twice and defined elsewhere.
#include "mailbox.h"

#include <cstddef>
#include <cstdio>
#include <deque>
#include <string>
#include <thread>

class Mailbox {
 public:
  void push(const std::string& letter) {
    Holder holder(mu_);
    if (letters_.size() == kCapacity) pop();
    letters_.push_back(letter);
  }

  // The oldest letter, or nothing.
  std::string pop() {
    Holder holder(mu_);  // allow: double-lock Mutex::impl_
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
