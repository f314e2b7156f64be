// verdict: confirmed
// shows: rarely
//
// A connection pool. The reaper locks the pool and asks each connection whether it is stale; a connection that fails
// locks itself and leaves the pool. The two take the same two locks the other way round.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

class Connection;

class ConnectionPool {
 public:
  void add(Connection* connection);
  void remove(Connection* connection);
  std::size_t countStale();
  std::size_t size();

 private:
  std::mutex mu_;
  std::vector<Connection*> connections_;
};

class Connection {
 public:
  explicit Connection(ConnectionPool& pool) : pool_(pool) {}

  bool isStale() {
    std::lock_guard<std::mutex> lock(mu_);  // expect: lock-order Connection::mu_
    return idleSeconds_ > 60;
  }

  // The peer hung up.
  void fail() {
    std::lock_guard<std::mutex> lock(mu_);  // expect: lock-order Connection::mu_
    idleSeconds_ = 0;
    pool_.remove(this);
  }

 private:
  ConnectionPool& pool_;
  std::mutex mu_;
  int idleSeconds_ = 0;
};

void ConnectionPool::add(Connection* connection) {
  std::lock_guard<std::mutex> lock(mu_);
  connections_.push_back(connection);
}

void ConnectionPool::remove(Connection* connection) {
  std::lock_guard<std::mutex> lock(mu_);  // expect: lock-order ConnectionPool::mu_
  connections_.erase(std::remove(connections_.begin(), connections_.end(), connection), connections_.end());
}

std::size_t ConnectionPool::countStale() {
  std::lock_guard<std::mutex> lock(mu_);  // expect: lock-order ConnectionPool::mu_
  std::size_t stale = 0;
  for (Connection* connection : connections_) {
    if (connection->isStale()) ++stale;
  }
  return stale;
}

std::size_t ConnectionPool::size() {
  std::lock_guard<std::mutex> lock(mu_);
  return connections_.size();
}

int main() {
  ConnectionPool pool;
  Connection first(pool);
  Connection second(pool);
  pool.add(&first);
  pool.add(&second);

  std::thread reaper([&pool] { pool.countStale(); });
  std::thread network([&second] {
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    second.fail();
  });
  reaper.join();
  network.join();

  std::printf("%zu connections left\n", pool.size());
  return pool.size() == 1 ? 0 : 1;
}
