// verdict: confirmed
// shows: rarely
//
// A box office sells the last seats. Every method locks, so nothing is ever torn; but the seller asks for the free
// seats under one hold of the lock and books under the next, and between the two the other counter sells as well.
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

  void book(int seats) {
    std::lock_guard<std::mutex> lock(mu_);
    free_ -= seats;
  }

 private:
  mutable std::mutex mu_;
  int free_;
};

bool sell(Hall& hall, int seats) {
  if (hall.freeSeats() < seats) return false;  // expect: check-then-act Hall::free_
  hall.book(seats);                            // expect: check-then-act Hall::free_
  return true;
}

// A group books early in the evening, a couple shortly before the show.
void groupCounter(Hall& hall, int* sold) {
  if (sell(hall, 6)) *sold += 6;
}

void eveningCounter(Hall& hall, int* sold) {
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  if (sell(hall, 2)) *sold += 2;
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
