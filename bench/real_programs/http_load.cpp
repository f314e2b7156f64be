// Load for an HTTP server on the loopback: connections that ask for one page again and again.
//
//   http_load PORT CONNECTIONS REQUESTS PATH
//
// REQUESTS each connection, after a first one that says what is right. A connection that the server closes after an
// answer, or that has had 100 answers, is opened anew. Exit code 1 if an answer does not come whole, is no success, or has
// another body than the first one.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "connection.h"

namespace {

std::atomic<long> wrong;

struct Answer {
  bool ok;
  std::string body;
};

/// Length of the body, if the head says so.
std::optional<std::size_t> bodyLength(const std::string& head) {
  static const std::string name = "Content-Length: ";
  const std::size_t at = head.find(name);
  if (at == std::string::npos) return std::nullopt;
  return std::strtoul(head.c_str() + at + name.size(), nullptr, 10);
}

std::optional<Answer> receiveAnswer(Connection& connection) {
  std::string bytes;
  std::size_t head;
  while ((head = bytes.find("\r\n\r\n")) == std::string::npos)
    if (!connection.receive(bytes)) return std::nullopt;
  const std::optional<std::size_t> length = bodyLength(bytes.substr(0, head + 2));
  if (!length) return std::nullopt;
  while (bytes.size() < head + 4 + *length)
    if (!connection.receive(bytes)) return std::nullopt;
  return Answer{bytes.compare(8, 5, " 200 ") == 0, bytes.substr(head + 4)};
}

/// Null if the server closed the connection instead of answering.
std::optional<Answer> get(Connection& connection, const std::string& path) {
  if (!connection.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")) return std::nullopt;
  return receiveAnswer(connection);
}

void load(int port, int requests, const std::string& path, const std::string& expected) {
  constexpr int kAnswersAConnection = 100;
  for (int asked = 0; asked < requests;) {
    Connection connection(port);
    int here = 0;
    for (; here < kAnswersAConnection && asked < requests; ++here) {
      const std::optional<Answer> answer = get(connection, path);
      if (!answer) break;
      ++asked;
      if (!answer->ok || answer->body != expected) ++wrong;
    }
    if (here != 0) continue;
    ++wrong;  // Not even the first request was answered.
    ++asked;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "usage: http_load PORT CONNECTIONS REQUESTS PATH\n"), 64;
  const int port = std::atoi(argv[1]);
  Connection first(port);
  const std::optional<Answer> expected = get(first, argv[4]);
  if (!expected || !expected->ok) return std::fprintf(stderr, "no answer\n"), 1;
  std::vector<std::thread> threads;
  for (int i = 0; i < std::atoi(argv[2]); ++i)
    threads.emplace_back(load, port, std::atoi(argv[3]), std::string(argv[4]), expected->body);
  for (std::thread& thread : threads) thread.join();
  std::printf("%ld wrong answers\n", wrong.load());
  return wrong == 0 ? 0 : 1;
}
