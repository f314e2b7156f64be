// verdict: confirmed
// A kitchen: the waiter serves when all dishes of the order are cooked. The cook counts them and tells nobody.
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

class Order {
 public:
  explicit Order(int dishes) : dishes_(dishes) {}

  void cooked() {
    std::lock_guard<std::mutex> lock(mutex_);
    --dishes_;
  }

  void serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    complete_.wait(lock, [this] { return dishes_ == 0; });  // expect: never-notified Order::complete_
    std::puts("served");
  }

 private:
  std::mutex mutex_;
  std::condition_variable complete_;
  int dishes_;
};

int main() {
  Order order(2);
  std::thread cook([&order] {
    order.cooked();
    order.cooked();
  });
  std::puts("tables laid");  // often the food is ready by then
  order.serve();
  cook.join();
  return 0;
}
