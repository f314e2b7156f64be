// A phone book that many may read at once; how often it was asked is counted by an atomic, which readers may change.
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

class PhoneBook {
 public:
  void enter(const std::string& name, int number) {
    std::unique_lock<std::shared_mutex> lock(mu_);
    numbers_[name] = number;
    lookups_ = 0;
  }

  int find(const std::string& name) const {
    std::shared_lock<std::shared_mutex> lock(mu_);
    ++lookups_;
    auto entry = numbers_.find(name);
    return entry == numbers_.end() ? 0 : entry->second;
  }

  int lookups() const {
    std::shared_lock<std::shared_mutex> lock(mu_);
    return lookups_;
  }

 private:
  mutable std::shared_mutex mu_;
  mutable std::atomic<int> lookups_{0};
  std::map<std::string, int> numbers_;
};

int main() {
  PhoneBook book;
  book.enter("ada", 1815);
  book.enter("alan", 1912);
  std::thread other([&book] { book.find("ada"); });
  const int number = book.find("alan");
  other.join();
  std::printf("%d, %d lookups\n", number, book.lookups());
  return 0;
}
