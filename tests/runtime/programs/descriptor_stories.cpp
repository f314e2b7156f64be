// File descriptors used and closed by several threads, and what passes through them.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "stories.h"

namespace {

int shared;  ///< Written by both sides, ordered by nothing but the descriptor.

void require(bool holds) {
  if (!holds) std::abort();
}

/// One thread may still read what the other closes.
void closedWhileRead() {
  int zero = open("/dev/zero", O_RDONLY);
  require(zero >= 0);
  std::thread reader([zero] {
    char byte;
    require(read(zero, &byte, 1) == 1);
  });
  usleep(50000);
  close(zero);
  reader.join();
}

void closedAfterJoin() {
  int zero = open("/dev/zero", O_RDONLY);
  std::thread reader([zero] {
    char byte;
    require(read(zero, &byte, 1) == 1);
  });
  reader.join();
  close(zero);
}

template <class Give, class Take>
void handOver(Give give, Take take) {
  std::thread giver([&] {
    shared = 1;
    give();
  });
  take();
  shared = 2;
  giver.join();
}

void pipeOrders() {
  int ends[2];
  require(pipe(ends) == 0);
  handOver([&] { require(write(ends[1], "x", 1) == 1); },
           [&] {
             char byte;
             require(read(ends[0], &byte, 1) == 1);
           });
  close(ends[0]);
  close(ends[1]);
}

void socketsOrder() {
  int ends[2];
  require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  handOver([&] { require(send(ends[1], "x", 1, 0) == 1); },
           [&] {
             char byte;
             require(recv(ends[0], &byte, 1, 0) == 1);
           });
}

/// The waiter is woken and reads nothing.
void epollOrders() {
  int epoll = epoll_create1(0);
  int event = eventfd(0, 0);
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  require(epoll_ctl(epoll, EPOLL_CTL_ADD, event, &wanted) == 0);
  handOver(
      [&] {
        long one = 1;
        require(write(event, &one, sizeof(one)) == sizeof(one));
      },
      [&] {
        epoll_event seen;
        require(epoll_wait(epoll, &seen, 1, -1) == 1);
      });
  close(event);
  close(epoll);
}

/// dup2() over a descriptor in use switches its users over; that is no close.
void switchedOver() {
  int first = open("/dev/zero", O_RDONLY);
  int second = open("/dev/zero", O_RDONLY);
  std::thread reader([first] {
    char byte;
    require(read(first, &byte, 1) == 1);
  });
  require(dup2(second, first) == first);
  reader.join();
}

/// The kernel hands numbers on as soon as they are closed.
void numbersAreReused() {
  auto churn = [] {
    for (int i = 0; i < 300; ++i) close(open("/dev/null", O_WRONLY));
  };
  std::thread first(churn), second(churn);
  first.join();
  second.join();
}

constexpr int kNumbers = 1024;
volatile int users[kNumbers];

/// An entry of a table by number belongs to whoever has the number open. `reopens`: as the second user does.
void tableByNumber(bool reopens) {
  std::atomic<int> number{-1};
  std::thread first([&] {
    int mine = open("/dev/null", O_WRONLY);
    users[mine] = 1;
    number.store(mine, std::memory_order_relaxed);
    close(mine);
  });
  usleep(50000);  // Which orders nothing.
  int again = number.load(std::memory_order_relaxed);
  if (reopens) require(open("/dev/null", O_WRONLY) == again);
  users[again] = 2;
  first.join();
}
void tableByNumberInUse() { tableByNumber(true); }
void tableByNumberNotInUse() { tableByNumber(false); }

/// What read() fills is written.
void readIntoSharedBuffer() {
  static char buffer[16];
  int zero = open("/dev/zero", O_RDONLY);
  std::thread reader([zero] { require(read(zero, buffer, sizeof(buffer)) == sizeof(buffer)); });
  usleep(50000);
  static_cast<volatile char*>(buffer)[3] = 1;
  reader.join();
}

const Story kStories[] = {
    {"closedWhileRead", closedWhileRead}, {"closedAfterJoin", closedAfterJoin},   {"pipeOrders", pipeOrders},
    {"socketsOrder", socketsOrder},       {"epollOrders", epollOrders},           {"switchedOver", switchedOver},
    {"numbersAreReused", numbersAreReused}, {"readIntoSharedBuffer", readIntoSharedBuffer},
    {"tableByNumberInUse", tableByNumberInUse}, {"tableByNumberNotInUse", tableByNumberNotInUse},
};

}  // namespace

int main(int argc, char** argv) { return runStory(kStories, argc, argv); }
