// A catalogue under a reader-writer lock with its statistics under a mutex. Who needs both takes the catalogue first.
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

class Catalog {
 public:
  void add(const std::string& title, int copies) {
    std::unique_lock<std::shared_mutex> lock(booksLock_);
    books_[title] = copies;
  }

  int copies(const std::string& title) {
    std::shared_lock<std::shared_mutex> books(booksLock_);
    std::lock_guard<std::mutex> usage(usageLock_);
    ++usage_[title];
    auto it = books_.find(title);
    return it == books_.end() ? 0 : it->second;
  }

  // Drops the books nobody asked for and starts to count anew.
  std::size_t cleanUp() {
    std::unique_lock<std::shared_mutex> books(booksLock_);
    std::lock_guard<std::mutex> usage(usageLock_);
    std::size_t dropped = 0;
    for (auto it = books_.begin(); it != books_.end();) {
      if (usage_.count(it->first) != 0) {
        ++it;
      } else {
        it = books_.erase(it);
        ++dropped;
      }
    }
    usage_.clear();
    return dropped;
  }

 private:
  std::shared_mutex booksLock_;
  std::map<std::string, int> books_;
  std::mutex usageLock_;
  std::map<std::string, int> usage_;
};

int main() {
  Catalog catalog;
  catalog.add("Emma", 2);
  catalog.add("Ulysses", 1);
  catalog.add("Faust", 4);
  int copies = catalog.copies("Emma") + catalog.copies("Faust");
  std::size_t dropped = 0;

  std::thread reader([&catalog, &copies] { copies += catalog.copies("Emma"); });
  std::thread janitor([&catalog, &dropped] {
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    dropped = catalog.cleanUp();
  });
  reader.join();
  janitor.join();

  std::printf("%d copies found, %zu books dropped\n", copies, dropped);
  return copies == 8 && dropped == 1 ? 0 : 1;
}
