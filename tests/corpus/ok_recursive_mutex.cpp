// A recursive lock is taken again by the functions that are called under it.
#include <mutex>
#include <thread>

class Tree {
 public:
  void insert(int value) {
    std::lock_guard<std::recursive_mutex> lock(mu_);
    sum_ += value;
    rebalance();
  }

  void rebalance() {
    std::lock_guard<std::recursive_mutex> lock(mu_);
    ++rotations_;
  }

  int rotations() {
    std::lock_guard<std::recursive_mutex> lock(mu_);
    return rotations_;
  }

 private:
  std::recursive_mutex mu_;
  int sum_ = 0;
  int rotations_ = 0;
};

int main() {
  Tree tree;
  std::thread first([&tree] { tree.insert(1); });
  std::thread second([&tree] { tree.insert(2); });
  first.join();
  second.join();
  return tree.rotations() == 2 ? 0 : 1;
}
