// verdict: confirmed
// shows: often
//
// The baker sells bread once he knows the price of flour, and the miller names it once he knows what bread sells for. Each
// waits for the other's promise.
#include <cstdio>
#include <future>
#include <thread>

int main() {
  std::promise<int> flour, bread;
  std::future<int> flourPrice = flour.get_future(), breadPrice = bread.get_future();
  std::thread baker([&] {
    const int price = flourPrice.get();  // expect: await-cycle bread
    bread.set_value(price * 3);
  });
  std::thread miller([&] {
    const int price = breadPrice.get();  // expect: await-cycle flour
    flour.set_value(price / 4);
  });
  baker.join();
  miller.join();
  std::puts("market day");
  return 0;
}
