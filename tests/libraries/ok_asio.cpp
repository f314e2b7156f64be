// Asio as it should be: handlers of one thread, a chain of operations that several threads run, strands, a session that keeps
// itself alive, coroutines that are awaited in time.
#include <asio.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using asio::awaitable;
using asio::use_awaitable;

// Each operation starts the next, so its handlers never meet, whatever runs them.
class Echo : public std::enable_shared_from_this<Echo> {
 public:
  explicit Echo(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}
  void read() {
    auto self = shared_from_this();
    socket_.async_read_some(asio::buffer(data_), [this, self](asio::error_code error, unsigned long length) {
      if (error) return;
      size_ += length;
      write();
    });
  }

 private:
  void write() {
    auto self = shared_from_this();
    asio::async_write(socket_, asio::buffer(data_), [this, self](asio::error_code error, unsigned long) {
      if (error) return;
      size_ = 0;
      read();
    });
  }

  asio::ip::tcp::socket socket_;
  char data_[64];
  unsigned long size_ = 0;
};

// A timer beside a socket, on one strand.
class Session {
 public:
  explicit Session(asio::io_context& io) : strand_(asio::make_strand(io)), socket_(strand_), timer_(strand_) {}
  void start() {
    timer_.async_wait([this](asio::error_code) { ++idle_; });
    socket_.async_read_some(asio::buffer(data_), [this](asio::error_code, unsigned long) { idle_ = 0; });
  }

 private:
  asio::strand<asio::any_io_executor> strand_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  char data_[64];
  int idle_ = 0;
};

// The same with handlers that are bound to the strand.
class Bound {
 public:
  explicit Bound(asio::io_context& io) : strand_(asio::make_strand(io)), first_(io), second_(io) {}
  void start() {
    first_.async_wait(asio::bind_executor(strand_, [this] { ++rung_; }));
    second_.async_wait(asio::bind_executor(strand_, [this] { ++rung_; }));
  }

 private:
  asio::strand<asio::any_io_executor> strand_;
  asio::steady_timer first_, second_;
  int rung_ = 0;
};

int served = 0;

awaitable<void> serve(const std::string& name, asio::steady_timer& timer) {
  co_await timer.async_wait(use_awaitable);
  served += name.size();
}

awaitable<void> all(asio::io_context& io) {
  asio::steady_timer timer(io);
  std::string name = "guest";
  co_await serve(name, timer);
  co_await asio::co_spawn(io, serve(name, timer), use_awaitable);
}

// One thread runs the handlers of an executor of its own.
void alone() {
  asio::io_context io;
  asio::steady_timer first(io), second(io);
  int rung = 0;
  first.async_wait([&](asio::error_code) { ++rung; });
  second.async_wait([&](asio::error_code) { ++rung; });
  asio::co_spawn(io, all(io), asio::detached);
  io.run();
  served += rung;
}

int main() {
  alone();
  asio::io_context io;
  std::make_shared<Echo>(asio::ip::tcp::socket(io))->read();
  Session session(io);
  session.start();
  Bound bound(io);
  bound.start();
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&io] { io.run(); });
  io.run();
  for (std::thread& thread : threads) thread.join();
  return served;
}
