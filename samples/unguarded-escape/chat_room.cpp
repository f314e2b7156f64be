// verdict: confirmed
// shows: rarely
//
// A chat room keeps its lines under a lock. `lines()` takes the lock too, and then hands out a reference to the list:
// the lock is given back before the caller looks at a single line.
#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

class ChatRoom {
 public:
  void say(const std::string& line) {
    std::lock_guard<std::mutex> lock(mu_);
    lines_.push_back(line);  // expect: unguarded-escape ChatRoom::lines_
  }

  const std::vector<std::string>& lines() const {
    std::lock_guard<std::mutex> lock(mu_);
    return lines_;  // expect: unguarded-escape ChatRoom::lines_
  }

 private:
  mutable std::mutex mu_;
  std::vector<std::string> lines_;
};

// The archive is written while the room still talks.
void archive(const ChatRoom& room, std::size_t* letters) {
  for (const std::string& line : room.lines()) *letters += line.size();  // expect: unguarded-escape ChatRoom::lines_
}

void talk(ChatRoom& room) {
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  room.say("anybody there?");
}

int main() {
  ChatRoom room;
  std::size_t letters = 0;
  room.say("hello");
  std::thread archiver([&room, &letters] { archive(room, &letters); });
  std::thread talker([&room] { talk(room); });
  archiver.join();
  talker.join();
  std::printf("%zu letters archived\n", letters);
  return letters == 5 || letters == 19 ? 0 : 1;  // Before the last line, or after.
}
