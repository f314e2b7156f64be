// A virtual call on a local whose class is known reaches that class's method, not those of other classes.
#include <atomic>
#include <thread>

class Source {
 public:
  virtual ~Source() = default;
  virtual int next() = 0;
};

class Shared : public Source {
 public:
  explicit Shared(int first) : value_(first) {}
  int next() override { return ++value_; }

 private:
  std::atomic<int> value_;
};

class Private : public Source {
 public:
  int next() override { return ++value_; }

 private:
  int value_ = 0;
};

int drain(Source& source) { return source.next(); }

int share() {
  Shared shared(4);
  std::thread other([&shared] { drain(shared); });
  const int last = drain(shared);
  other.join();
  return last;
}

int keep() {
  Private own;
  return drain(own);
}

int main() { return share() + keep() > 100; }
