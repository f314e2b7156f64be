// What a controlled run must live through: one hard thing a mode. Every mode but `killed` ends well under every schedule.
//
//   stress threads | points | nested | forks | sockets | killed
#include <arpa/inet.h>
#include <csignal>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

std::mutex mutex;
int counter;

/// 200 threads at one lock.
int threads() {
  std::vector<std::thread> all;
  for (int i = 0; i < 200; ++i)
    all.emplace_back([] {
      std::lock_guard<std::mutex> lock(mutex);
      ++counter;
    });
  for (std::thread& thread : all) thread.join();
  return counter == 200 ? 0 : 1;
}

/// A million operations that others can notice.
int points() {
  std::atomic<int> sum{0};
  std::vector<std::thread> all;
  for (int i = 0; i < 4; ++i)
    all.emplace_back([&] {
      for (int n = 0; n < 250000; ++n) sum.fetch_add(1);
    });
  for (std::thread& thread : all) thread.join();
  return sum == 1000000 ? 0 : 1;
}

/// Waits within waits: a condition that is waited for with a time limit under another lock, whose owner waits itself.
int nested() {
  std::mutex inner;
  std::condition_variable outerReady, innerReady;
  bool outer = false, in = false;
  std::thread first([&] {
    std::unique_lock<std::mutex> a(mutex);
    while (!outerReady.wait_for(a, 10ms, [&] { return outer; })) {
    }
    std::unique_lock<std::mutex> b(inner);
    innerReady.wait(b, [&] { return in; });
  });
  std::thread second([&] {
    {
      std::unique_lock<std::mutex> b(inner);
      innerReady.wait_for(b, 5ms, [&] { return in; });
    }
    std::lock_guard<std::mutex> a(mutex);
    outer = true;
    outerReady.notify_all();
  });
  std::thread third([&] {
    std::this_thread::sleep_for(20ms);
    std::lock_guard<std::mutex> b(inner);
    in = true;
    innerReady.notify_all();
  });
  for (std::thread* thread : {&first, &second, &third}) thread->join();
  return 0;
}

/// A thread forks while another works; the child starts a thread of its own.
int forks() {
  std::thread worker([] {
    for (int i = 0; i < 20; ++i) {
      std::lock_guard<std::mutex> lock(mutex);
      ++counter;
    }
  });
  const pid_t child = fork();
  if (child == 0) {
    std::atomic<int> own{0};
    std::thread([&] { own = 7; }).join();
    _exit(own);
  }
  int status = 0;
  waitpid(child, &status, 0);
  worker.join();
  return WIFEXITED(status) && WEXITSTATUS(status) == 7 && counter == 20 ? 0 : 1;
}

/// An echo server and two clients over loopback, in one process.
int sockets() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, generic, size) != 0 || listen(listener, 4) != 0 || getsockname(listener, generic, &size) != 0) return 2;
  std::thread server([&] {
    for (int i = 0; i < 2; ++i) {
      const int peer = accept(listener, nullptr, nullptr);
      pollfd ready{peer, POLLIN, 0};
      poll(&ready, 1, -1);
      char text[16];
      const ssize_t got = read(peer, text, sizeof(text));
      if (got > 0 && write(peer, text, static_cast<std::size_t>(got)) != got) _exit(3);
      close(peer);
    }
  });
  std::atomic<int> good{0};
  auto client = [&] {
    const int own = socket(AF_INET, SOCK_STREAM, 0);
    char text[16] = "";
    if (connect(own, generic, size) == 0 && write(own, "ping", 4) == 4 && read(own, text, sizeof(text)) == 4)
      good += std::memcmp(text, "ping", 4) == 0;
    close(own);
  };
  std::thread a(client), b(client);
  for (std::thread* thread : {&server, &a, &b}) thread->join();
  close(listener);
  return good == 2 ? 0 : 1;
}

/// Killed from outside, as far as it can tell, while its threads are at it.
int killed() {
  std::atomic<int> sum{0};
  std::thread worker([&] {
    for (int n = 0; n < 1000; ++n) sum.fetch_add(1);
  });
  while (sum < 500) std::this_thread::yield();
  kill(getpid(), SIGKILL);
  worker.join();
  return 0;
}

}  // namespace

int main(int, char** arguments) {
  const struct {
    const char* name;
    int (*run)();
  } modes[] = {{"threads", threads}, {"points", points}, {"nested", nested},
               {"forks", forks},     {"sockets", sockets}, {"killed", killed}};
  for (const auto& mode : modes)
    if (std::strcmp(mode.name, arguments[1]) == 0) return mode.run();
  return 64;
}
