// Settings are made by whoever asks first: a static local, which the language initialises exactly once.
#include <chrono>
#include <cstdio>
#include <thread>

class Settings {
 public:
  static const Settings& get() {
    static const Settings settings(40, 3);
    return settings;
  }

  int timeoutMillis() const { return timeoutMillis_; }
  int retries() const { return retries_; }

 private:
  Settings(int timeoutMillis, int retries) : timeoutMillis_(timeoutMillis), retries_(retries) {}

  int timeoutMillis_;
  int retries_;
};

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
