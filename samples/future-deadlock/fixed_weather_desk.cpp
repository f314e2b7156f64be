// A weather desk hands its request to the station, and then waits for the forecast.
#include <cstdio>
#include <future>
#include <thread>
#include <utility>

void forecast(std::promise<int> degrees) { degrees.set_value(21); }

int ask() {
  std::promise<int> request;
  std::future<int> degrees = request.get_future();
  std::thread station(forecast, std::move(request));
  degrees.wait();
  station.join();
  return degrees.get();
}

int main() {
  std::printf("%d degrees\n", ask());
  return 0;
}
