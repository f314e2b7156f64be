// The miller names a price for flour without asking what bread sells for, and the baker goes by that.
#include <cstdio>
#include <future>
#include <thread>

int main() {
  std::promise<int> flour, bread;
  std::future<int> flourPrice = flour.get_future(), breadPrice = bread.get_future();
  std::thread baker([&] {
    const int price = flourPrice.get();
    bread.set_value(price * 3);
  });
  std::thread miller([&] {
    flour.set_value(2);
    std::printf("bread for %d\n", breadPrice.get());
  });
  baker.join();
  miller.join();
  std::puts("market day");
  return 0;
}
