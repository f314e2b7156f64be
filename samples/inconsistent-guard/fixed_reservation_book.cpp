// A restaurant's book of reservations is meant for any number of threads: every method takes the lock.
#include <cstdio>
#include <mutex>
#include <set>
#include <string>

class ReservationBook {
 public:
  explicit ReservationBook(std::size_t tables) : tables_(tables) {}

  bool reserve(const std::string& guest) {
    std::lock_guard<std::mutex> lock(mu_);
    if (guests_.size() >= tables_) return false;
    return guests_.insert(guest).second;
  }

  void cancel(const std::string& guest) {
    std::lock_guard<std::mutex> lock(mu_);
    guests_.erase(guest);
  }

  bool expects(const std::string& guest) const {
    std::lock_guard<std::mutex> lock(mu_);
    return guests_.count(guest) != 0;
  }

  bool isFull() const {
    std::lock_guard<std::mutex> lock(mu_);
    return guests_.size() >= tables_;
  }

 private:
  mutable std::mutex mu_;
  const std::size_t tables_;
  std::set<std::string> guests_;
};

int main() {
  ReservationBook book(2);
  bool right = book.reserve("Ada") && book.reserve("Grace") && book.isFull() && !book.reserve("Edsger");
  book.cancel("Ada");
  right = right && !book.isFull() && book.expects("Grace") && !book.expects("Ada");
  std::printf(right ? "the book is right\n" : "the book is wrong\n");
  return right ? 0 : 1;
}
