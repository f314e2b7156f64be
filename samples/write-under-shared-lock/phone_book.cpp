// verdict: confirmed
// shows: rarely
//
// A phone book that many may read at once. Looking a name up also counts how often it was asked for: a write, made by
// whoever holds the lock for reading, and so by several threads at the same time.
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
    ++lookups_;  // expect: write-under-shared-lock PhoneBook::lookups_
    auto entry = numbers_.find(name);
    return entry == numbers_.end() ? 0 : entry->second;
  }

  int lookups() const {
    std::shared_lock<std::shared_mutex> lock(mu_);
    return lookups_;  // allow: write-under-shared-lock PhoneBook::lookups_
  }

 private:
  mutable std::shared_mutex mu_;
  mutable int lookups_ = 0;
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
