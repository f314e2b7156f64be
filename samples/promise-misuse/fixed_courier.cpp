// A courier reports each parcel as delivered or returned, once: at the end of the tour only if nobody took it in.
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <utility>

void handOver(std::promise<std::string>& report) { report.set_value("with the neighbour"); }

void tour(std::promise<std::string> report, bool neighbourIsIn, int* complaints) {
  try {
    if (neighbourIsIn) {
      handOver(report);
    } else {
      report.set_value("returned");
    }
  } catch (const std::future_error&) {
    ++*complaints;
  }
}

int main() {
  std::promise<std::string> report;
  std::future<std::string> outcome = report.get_future();
  int complaints = 0;
  std::thread courier(tour, std::move(report), true, &complaints);
  courier.join();
  std::printf("parcel: %s\n", outcome.get().c_str());
  return complaints;
}
