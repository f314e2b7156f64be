// A box office sells the last seats: asked and booked under one hold of the lock.
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

class Hall {
 public:
  explicit Hall(int seats) : free_(seats) {}

  int freeSeats() const {
    std::lock_guard<std::mutex> lock(mu_);
    return free_;
  }

  bool tryBook(int seats) {
    std::lock_guard<std::mutex> lock(mu_);
    if (free_ < seats) return false;
    free_ -= seats;
    return true;
  }

 private:
  mutable std::mutex mu_;
  int free_;
};

// A group books early in the evening, a couple shortly before the show.
void groupCounter(Hall& hall, int* sold) {
  if (hall.tryBook(6)) *sold += 6;
}

void eveningCounter(Hall& hall, int* sold) {
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  if (hall.tryBook(2)) *sold += 2;
}

int main() {
  Hall hall(7);
  int groups = 0;
  int evening = 0;
  std::thread first(groupCounter, std::ref(hall), &groups);
  std::thread second(eveningCounter, std::ref(hall), &evening);
  first.join();
  second.join();
  std::printf("%d seats sold, %d left\n", groups + evening, hall.freeSeats());
  return hall.freeSeats() < 0 ? 1 : 0;
}
