// Settings are parsed under a mutex that a guard holds: an exception out of the parser gives it back on its way.
#include <cstdio>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

class Settings {
 public:
  void set(const std::string& name, const std::string& text) {
    std::lock_guard<std::mutex> lock(mu_);
    values_[name] = parse(text);
  }

  int get(const std::string& name) {
    std::lock_guard<std::mutex> lock(mu_);
    return values_[name];
  }

 private:
  static int parse(const std::string& text) {
    if (text.empty()) throw std::invalid_argument("a setting without a value");
    int value = 0;
    for (char c : text) value = value * 10 + (c - '0');
    return value;
  }

  std::mutex mu_;
  std::map<std::string, int> values_;
};

int main() {
  Settings settings;
  std::thread reload([&settings] {
    settings.set("width", "640");
    settings.set("height", "480");
  });
  std::thread reader([&settings] { settings.get("width"); });
  reload.join();
  reader.join();
  std::printf("%d x %d\n", settings.get("width"), settings.get("height"));
  try {
    settings.set("depth", "");
  } catch (const std::invalid_argument& error) {
    std::printf("ignored: %s\n", error.what());
  }
  return 0;
}
