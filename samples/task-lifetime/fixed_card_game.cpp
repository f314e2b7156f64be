// A deck of three cards deals them one by one. The game ends when the deck is empty.
#include <coroutine>
#include <cstdio>
#include <exception>
#include <iterator>
#include <utility>

// What co_yield gives, one after the other, as a range.
class Deck {
 public:
  struct promise_type {
    int card = 0;
    Deck get_return_object() { return Deck(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int value) noexcept {
      card = value;
      return {};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };

  class Place {
   public:
    explicit Place(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Place& operator++() {
      handle_.resume();
      return *this;
    }
    int operator*() const { return handle_.promise().card; }
    bool operator==(std::default_sentinel_t) const { return handle_.done(); }

   private:
    std::coroutine_handle<promise_type> handle_;
  };

  explicit Deck(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Deck(Deck&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Deck() {
    if (handle_) handle_.destroy();
  }

  Place begin() {
    handle_.resume();
    return Place(handle_);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

Deck shuffled() {
  for (int card = 1; card <= 3; ++card) co_yield card;
}

int play(int rounds) {
  Deck deck = shuffled();
  Deck::Place top = deck.begin();
  int points = 0;
  for (int round = 0; round < rounds; ++round) {
    if (top == deck.end()) break;
    points += *top;
    ++top;
  }
  return points;
}

int main() {
  std::printf("%d points\n", play(5));
  return 0;
}
