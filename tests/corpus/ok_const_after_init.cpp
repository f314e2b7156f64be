// A table that its constructor fills and nobody changes afterwards needs no lock, though the class has one for its
// counter.
#include <map>
#include <mutex>
#include <string>
#include <thread>

class Codes {
 public:
  Codes() {
    codes_["de"] = 49;
    codes_["fr"] = 33;
  }

  int find(const std::string& country) {
    {
      std::lock_guard<std::mutex> lock(mu_);
      ++asked_;
    }
    auto it = codes_.find(country);
    return it == codes_.end() ? 0 : it->second;
  }

  int asked() {
    std::lock_guard<std::mutex> lock(mu_);
    return asked_;
  }

 private:
  std::map<std::string, int> codes_;
  std::mutex mu_;
  int asked_ = 0;
};

int main() {
  Codes codes;
  int german = 0;
  int french = 0;
  std::thread first([&codes, &german] { german = codes.find("de"); });
  std::thread second([&codes, &french] { french = codes.find("fr"); });
  first.join();
  second.join();
  return german == 49 && french == 33 && codes.asked() == 2 ? 0 : 1;
}
