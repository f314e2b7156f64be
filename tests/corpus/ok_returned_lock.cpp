// A function returns the lock it took; the caller works under it.
#include <mutex>
#include <thread>

class Board {
 public:
  std::unique_lock<std::mutex> freeze() { return std::unique_lock<std::mutex>(mu_); }

  void draw() {
    auto frozen = freeze();
    ++strokes_;
  }

  int strokes() {
    auto frozen = freeze();
    return strokes_;
  }

 private:
  std::mutex mu_;
  int strokes_ = 0;
};

int main() {
  Board board;
  std::thread first([&board] { board.draw(); });
  std::thread second([&board] { board.draw(); });
  first.join();
  second.join();
  return board.strokes() == 2 ? 0 : 1;
}
