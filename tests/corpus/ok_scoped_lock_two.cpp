// Both locks at once, in either order of naming: std::scoped_lock and std::lock with adopted guards cannot deadlock.
#include <mutex>
#include <thread>

struct Shelf {
  std::mutex mu;
  int books = 10;
};

void move(Shelf& from, Shelf& to) {
  std::scoped_lock both(from.mu, to.mu);
  --from.books;
  ++to.books;
}

void moveBack(Shelf& from, Shelf& to) {
  std::lock(from.mu, to.mu);
  std::lock_guard<std::mutex> lockFrom(from.mu, std::adopt_lock);
  std::lock_guard<std::mutex> lockTo(to.mu, std::adopt_lock);
  --from.books;
  ++to.books;
}

int main() {
  Shelf upper;
  Shelf lower;
  std::thread first([&upper, &lower] { move(upper, lower); });
  std::thread second([&upper, &lower] { moveBack(lower, upper); });
  first.join();
  second.join();
  return upper.books == 10 && lower.books == 10 ? 0 : 1;
}
