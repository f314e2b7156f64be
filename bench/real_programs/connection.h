// What the load generators of this folder share: a blocking connection to a server on the loopback, and how they run.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

/// Closed by its destructor. Every call answers false, or nothing, once the server has gone.
class Connection {
 public:
  explicit Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<unsigned short>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    open_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  bool open() const { return open_; }

  bool send(const std::string& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }

  /// Appends what comes next; false at the end of the stream.
  bool receive(std::string& bytes) {
    char buffer[16384];
    const ssize_t n = ::recv(socket_, buffer, sizeof(buffer), 0);
    if (n <= 0) return false;
    bytes.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

 private:
  int socket_;
  bool open_ = false;
};

/// The main function of a load generator: `load(port, seed, rounds)` on as many threads as connections are asked for.
/// Arguments: the port, the connections, and how much each does. 0 if every answer was right.
inline int runLoad(int argc, char** argv, const char* usage, void (*load)(int port, unsigned seed, int rounds),
                   const std::atomic<long>& wrong) {
  if (argc != 4) return std::fprintf(stderr, "usage: %s\n", usage), 64;
  std::vector<std::thread> threads;
  for (int i = 0; i < std::atoi(argv[2]); ++i)
    threads.emplace_back(load, std::atoi(argv[1]), static_cast<unsigned>(i), std::atoi(argv[3]));
  for (std::thread& thread : threads) thread.join();
  std::printf("%ld wrong answers\n", wrong.load());
  return wrong == 0 ? 0 : 1;
}
