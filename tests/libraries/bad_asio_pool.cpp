// Asio's thread pool: a strand is passed by, and a handler of a loop sleeps.
#include <boost/asio.hpp>
#include <thread>

namespace asio = boost::asio;

asio::io_context io;

void poll(asio::steady_timer& timer) {
  timer.async_wait([&timer](asio::error_code) {
    std::this_thread::sleep_for(std::chrono::seconds(1));  // expect: blocking-in-task poll()::lambda
    poll(timer);
  });
}

int main() {
  asio::thread_pool pool(4);
  auto strand = asio::make_strand(pool);
  int counted = 0;
  asio::post(strand, [&] { ++counted; });  // expect: executor-affinity counted
  asio::post(pool, [&] { ++counted; });    // allow: executor-affinity counted
  pool.join();
  asio::steady_timer timer(io), second(io);
  second.async_wait([](asio::error_code) {});
  poll(timer);
  io.run();
  return counted;
}
