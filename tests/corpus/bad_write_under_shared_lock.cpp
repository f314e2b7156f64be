// A look-up counts itself under a lock that readers share.
#include <mutex>
#include <shared_mutex>
#include <thread>

class Recent {
 public:
  void add(int id) {
    std::unique_lock<std::shared_mutex> lock(mu_);
    last_ = id;
  }

  bool isLast(int id) {
    std::shared_lock<std::shared_mutex> lock(mu_);
    const bool same = last_ == id;
    lookups_ = lookups_ + 1;  // expect: write-under-shared-lock Recent::lookups_
    return same;
  }

 private:
  std::shared_mutex mu_;
  int last_ = 0;
  int lookups_ = 0;
};

int main() {
  Recent recent;
  recent.add(4);
  std::thread first([&recent] { recent.isLast(4); });
  std::thread second([&recent] { recent.isLast(5); });
  first.join();
  second.join();
  return 0;
}
