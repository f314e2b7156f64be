// Load for a server on the loopback that sends back what it gets.
//
//   echo_load PORT CONNECTIONS MESSAGES
//
// MESSAGES each connection of up to 900 bytes; every 50th while another connection opens and closes. Exit code 1 if
// anything else comes back.
#include <atomic>
#include <cstdlib>
#include <random>
#include <string>

#include "connection.h"

namespace {

std::atomic<long> wrong;

bool comesBack(Connection& connection, const std::string& message) {
  std::string back;
  if (!connection.send(message)) return false;
  while (back.size() < message.size())
    if (!connection.receive(back)) return false;
  return back == message;
}

void load(int port, unsigned seed, int messages) {
  Connection connection(port);
  std::mt19937 random(seed);
  for (int i = 0; i < messages; ++i) {
    const std::string message(1 + random() % 900, static_cast<char>('a' + random() % 26));
    if (i % 50 == 49) {
      Connection other(port);
      if (!other.open() || !comesBack(other, "brief")) ++wrong;
    }
    if (!comesBack(connection, message)) ++wrong;
  }
}

}  // namespace

int main(int argc, char** argv) { return runLoad(argc, argv, "echo_load PORT CONNECTIONS MESSAGES", load, wrong); }
