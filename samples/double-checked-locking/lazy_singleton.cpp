// verdict: confirmed
// shows: rarely
//
// Settings are made by whoever asks first. The first look is without the lock and at a plain pointer: the second
// thread may see the pointer before it sees what it points to, or race with the store itself.
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

class Settings {
 public:
  static Settings& get() {
    if (instance_ == nullptr) {  // expect: double-checked-locking Settings::instance_
      std::lock_guard<std::mutex> lock(mu_);
      if (instance_ == nullptr) instance_ = new Settings(40, 3);  // expect: double-checked-locking Settings::instance_
    }
    return *instance_;  // expect: double-checked-locking Settings::instance_
  }

  int timeoutMillis() const { return timeoutMillis_; }  // allow: data-race Settings::timeoutMillis_
  int retries() const { return retries_; }              // allow: data-race Settings::retries_

 private:
  Settings(int timeoutMillis, int retries)
      : timeoutMillis_(timeoutMillis),  // allow: data-race Settings::timeoutMillis_
        retries_(retries) {}            // allow: data-race Settings::retries_

  static Settings* instance_;
  static std::mutex mu_;
  int timeoutMillis_;
  int retries_;
};

Settings* Settings::instance_ = nullptr;
std::mutex Settings::mu_;

// The network thread needs the settings at once.
void openSocket(int* budget) {
  const Settings& settings = Settings::get();
  *budget = settings.timeoutMillis() * settings.retries();
}

// The screen is drawn first, only then are settings asked for.
void showAbout(int* timeout) {
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  *timeout = Settings::get().timeoutMillis();
}

int main() {
  int budget = 0;
  int timeout = 0;
  std::thread network(openSocket, &budget);
  std::thread screen(showAbout, &timeout);
  network.join();
  screen.join();

  std::printf("timeout %d ms, budget %d ms\n", timeout, budget);
  return timeout == 40 && budget == 120 ? 0 : 1;
}
