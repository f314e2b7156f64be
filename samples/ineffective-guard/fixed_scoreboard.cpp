// A scoreboard that locks while it adds up: the guard has a name and lives until the end of the block.
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>

class Scoreboard {
 public:
  void add(const std::string& team, int points) {
    std::lock_guard<std::mutex> lock(mu_);
    points_[team] += points;
  }

  int of(const std::string& team) {
    std::lock_guard<std::mutex> lock(mu_);
    return points_[team];
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
