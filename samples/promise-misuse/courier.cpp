// verdict: confirmed
// shows: often
//
// A courier reports each parcel as delivered or returned. A parcel that is taken in by a neighbour is reported by the one
// who hands it over, and again at the end of the tour.
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <utility>

void handOver(std::promise<std::string>& report) { report.set_value("with the neighbour"); }

void tour(std::promise<std::string> report, int* complaints) {
  handOver(report);
  try {
    report.set_value("returned");  // expect: promise-misuse report
  } catch (const std::future_error&) {
    ++*complaints;
  }
}

int main() {
  std::promise<std::string> report;
  std::future<std::string> outcome = report.get_future();
  int complaints = 0;
  std::thread courier(tour, std::move(report), &complaints);
  courier.join();
  std::printf("parcel: %s\n", outcome.get().c_str());
  return complaints;
}
