// Load for a memcached on the loopback: connections that set, get, increment, touch and delete a shared set of keys.
//
//   memcached_load PORT CONNECTIONS OPERATIONS
//
// OPERATIONS each connection. Exit code 1 if an answer is none that memcached gives, or a value is not the key's.
#include <atomic>
#include <cstdlib>
#include <random>
#include <string>

#include "connection.h"

namespace {

/// Whether an answer has come to its end.
bool complete(const std::string& answer) {
  if (answer.size() < 2 || answer.compare(answer.size() - 2, 2, "\r\n") != 0) return false;
  const bool value = answer.rfind("VALUE", 0) == 0 || answer.rfind("STAT", 0) == 0;
  return !value || (answer.size() >= 5 && answer.compare(answer.size() - 5, 5, "END\r\n") == 0);
}

/// Sends a command; returns its answer up to a line that ends one, nothing if the server has gone.
std::string ask(Connection& connection, const std::string& command) {
  std::string answer;
  if (!connection.send(command)) return {};
  while (!complete(answer))
    if (!connection.receive(answer)) return {};
  return answer;
}

std::atomic<long> wrong;

/// Every value begins with its key.
std::string valueOf(unsigned key, std::mt19937& random) {
  return std::to_string(key) + ":" + std::string(20 + random() % 400, 'x');
}

void load(int port, unsigned seed, int operations) {
  Connection connection(port);
  if (!connection.open()) {
    ++wrong;
    return;
  }
  std::mt19937 random(seed);
  for (int i = 0; i < operations; ++i) {
    const unsigned number = random() % 2000;
    const std::string key = "key" + std::to_string(number);
    std::string answer;
    switch (random() % 10) {
      case 0:
      case 1:
      case 2: {
        const std::string value = valueOf(number, random);
        answer = ask(connection, "set " + key + " 0 0 " + std::to_string(value.size()) + "\r\n" + value + "\r\n");
        break;
      }
      case 3: answer = ask(connection, "delete " + key + "\r\n"); break;
      case 4: answer = ask(connection, "incr count" + std::to_string(number % 10) + " 1\r\n"); break;
      case 5: answer = ask(connection, "touch " + key + " 100\r\n"); break;
      case 6: answer = ask(connection, "add count" + std::to_string(number % 10) + " 0 0 1\r\n0\r\n"); break;
      default:
        answer = ask(connection, "get " + key + "\r\n");
        if (const auto line = answer.find("\r\n"); answer.rfind("VALUE", 0) == 0 &&
                                                   answer.compare(line + 2, std::to_string(number).size() + 1,
                                                                  std::to_string(number) + ":") != 0)
          ++wrong;
    }
    if (i % 1000 == 999) ask(connection, i % 2000 == 999 ? "stats\r\n" : "stats items\r\n");
    if (answer.empty() || answer.find("ERROR") != std::string::npos) ++wrong;
  }
}

}  // namespace

int main(int argc, char** argv) { return runLoad(argc, argv, "memcached_load PORT CONNECTIONS OPERATIONS", load, wrong); }
