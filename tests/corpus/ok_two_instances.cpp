// Objects of one class, each in a thread of its own: same field, different memory; and its methods lock parent before
// child, never the other way.
#include <mutex>
#include <thread>

class Node {
 public:
  explicit Node(Node* parent) : parent_(parent) {}

  void hit(int weight) {
    visits_ += weight;
    if (parent_ != nullptr) parent_->collect(weight);
  }

  int visits() const { return visits_; }

  int total() {
    std::lock_guard<std::mutex> lock(mu_);
    return total_;
  }

 private:
  void collect(int weight) {
    std::lock_guard<std::mutex> lock(mu_);
    total_ += weight;
  }

  Node* parent_;
  int visits_ = 0;  // only by the thread that owns the node
  std::mutex mu_;
  int total_ = 0;
};

int main() {
  Node root(nullptr);
  Node left(&root);
  Node right(&root);
  std::thread first([&left] { left.hit(1); });
  std::thread second([&right] { right.hit(2); });
  first.join();
  second.join();
  return left.visits() + right.visits() == 3 && root.total() == 3 ? 0 : 1;
}
