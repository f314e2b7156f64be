// Asio with two threads in run(): a handler that is posted beside the strand, a timer's beside a socket's, and a handler
// that refers to what its function has left.
#include <asio.hpp>
#include <thread>

asio::io_context io;
int orders = 0;

void beside(asio::strand<asio::any_io_executor>& strand) {
  asio::post(strand, [] { ++orders; });  // expect: executor-affinity orders
  asio::post(io, [] { ++orders; });      // allow: executor-affinity orders
}

class Session {
 public:
  Session() : socket_(io), timer_(io) {}
  void start() {
    timer_.async_wait([this](asio::error_code) {
      ++idle_;  // expect: data-race Session::idle_
    });
    socket_.async_read_some(asio::buffer(data_), [this](asio::error_code, unsigned long) {
      idle_ = 0;  // allow: data-race Session::idle_
    });
  }

 private:
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  char data_[64];
  int idle_ = 0;
};

void remind(asio::steady_timer& timer) {
  int times = 0;
  timer.async_wait([&times](asio::error_code) { ++times; });  // expect: coroutine-dangling times
}

Session session;

int main() {
  auto strand = asio::make_strand(io);
  asio::steady_timer timer(io);
  beside(strand);
  session.start();
  remind(timer);
  std::thread other([] { io.run(); });
  io.run();
  other.join();
  return orders;
}
