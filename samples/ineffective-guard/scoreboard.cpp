// verdict: suspected
// shows: rarely
//
// A scoreboard that means to lock while it adds up. The guard has no name, so it is a temporary that lives until the
// semicolon: the lock is given back before the first line it should protect.
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>

class Scoreboard {
 public:
  void add(const std::string& team, int points) {
    std::lock_guard<std::mutex>{mu_};  // expect: ineffective-guard Scoreboard::mu_
    points_[team] += points;           // allow: data-race Scoreboard::points_
  }

  int of(const std::string& team) {
    std::lock_guard<std::mutex> lock(mu_);
    return points_[team];  // allow: data-race Scoreboard::points_
  }

 private:
  std::mutex mu_;
  std::map<std::string, int> points_;
};

int main() {
  Scoreboard board;
  std::thread referee([&board] { board.add("red", 3); });
  board.add("blue", 2);
  referee.join();
  std::printf("red %d, blue %d\n", board.of("red"), board.of("blue"));
  return 0;
}
