// verdict: confirmed
// shows: rarely
//
// A report is sent in the background so that the caller need not wait. The thread is detached and takes the report by
// reference: once `send()` has returned, it reads a stack that belongs to somebody else by then.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

struct Report {
  int samples = 0;
  int errors = 0;
};

std::atomic<int> g_sent{0};

void upload(const Report& report) {
  if (report.samples >= report.errors) g_sent.fetch_add(1);
}

void send(int samples, int errors) {
  Report report{samples, errors};
  std::thread([&report] { upload(report); }).detach();  // expect: captured-reference report
}  // allow: captured-reference report

int main() {
  send(100, 3);
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  std::printf("%d reports sent\n", g_sent.load());
  return 0;
}
