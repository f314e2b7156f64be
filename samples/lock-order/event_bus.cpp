// verdict: confirmed
// shows: rarely
//
// An event bus calls its handlers under its lock, and the cart's handler takes the cart's lock. A cart that closes
// unsubscribes under its own lock: bus before cart here, cart before bus there.
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

class EventBus {
 public:
  void subscribe(int id, std::function<void(int)> handler) {
    std::lock_guard<std::mutex> lock(mu_);
    handlers_[id] = std::move(handler);
  }

  void unsubscribe(int id) {
    std::lock_guard<std::mutex> lock(mu_);  // expect: lock-order EventBus::mu_
    handlers_.erase(id);
  }

  void publish(int event) {
    std::lock_guard<std::mutex> lock(mu_);  // expect: lock-order EventBus::mu_
    for (auto& [id, handler] : handlers_) handler(event);
  }

 private:
  std::mutex mu_;
  std::map<int, std::function<void(int)>> handlers_;
};

class Cart {
 public:
  explicit Cart(EventBus& bus) : bus_(bus) {}

  void open() {
    bus_.subscribe(kId, [this](int price) { onPrice(price); });
  }

  // Closes the cart and returns what it costs.
  int close() {
    std::lock_guard<std::mutex> lock(mu_);  // expect: lock-order Cart::mu_
    bus_.unsubscribe(kId);
    return total_;
  }

 private:
  static constexpr int kId = 1;

  void onPrice(int price) {
    std::lock_guard<std::mutex> lock(mu_);  // expect: lock-order Cart::mu_
    total_ += price;
  }

  EventBus& bus_;
  std::mutex mu_;
  int total_ = 0;
};

int main() {
  EventBus bus;
  Cart cart(bus);
  cart.open();
  int paid = 0;

  std::thread prices([&bus] {
    for (int price : {10, 20, 12}) bus.publish(price);
  });
  std::thread checkout([&cart, &paid] {
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    paid = cart.close();
  });
  prices.join();
  checkout.join();

  std::printf("paid %d\n", paid);
  return paid == 0 || paid == 10 || paid == 30 || paid == 42 ? 0 : 1;  // What was published before it closed.
}
