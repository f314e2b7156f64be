// verdict: confirmed
// shows: often
//
// A weather desk asks for a forecast and waits for it before it hands the request to anybody who could answer.
#include <cstdio>
#include <future>
#include <thread>
#include <utility>

void forecast(std::promise<int> degrees) { degrees.set_value(21); }

int ask() {
  std::promise<int> request;
  std::future<int> degrees = request.get_future();
  degrees.wait();  // expect: future-deadlock request
  std::thread station(forecast, std::move(request));
  station.join();
  return degrees.get();
}

int main() {
  std::printf("%d degrees\n", ask());
  return 0;
}
