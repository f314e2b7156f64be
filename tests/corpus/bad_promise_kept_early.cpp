// The promise is kept before the value is there, and the wait for a future comes after the value was looked at.
#include <cstdio>
#include <future>
#include <thread>

struct Answer {
  int early = 0;
  int late = 0;
};

namespace {

void keptEarly() {
  std::promise<void> done;
  std::future<void> result = done.get_future();
  Answer answer;
  std::thread maker([&] {
    done.set_value();
    answer.early = 1;  // expect: data-race Answer::early
  });
  result.wait();
  std::printf("%d\n", answer.early);
  maker.join();
}

void lookedAtEarly() {
  std::promise<void> done;
  std::future<void> result = done.get_future();
  Answer answer;
  std::thread maker([&] {
    answer.late = 1;  // expect: data-race Answer::late
    done.set_value();
  });
  std::printf("%d\n", answer.late);
  result.wait();
  maker.join();
}

}  // namespace

int main() {
  keptEarly();
  lookedAtEarly();
}
