// The wrapper's try may fail, and its result is not looked at.
#include <mutex>
#include <thread>

class Lock {
 public:
  bool tryEnter() { return mu_.try_lock(); }
  void enter() { mu_.lock(); }
  void leave() { mu_.unlock(); }

 private:
  std::mutex mu_;
};

Lock gate;
int inside = 0;

void visit() {
  gate.tryEnter();
  ++inside;  // expect: data-race inside
}

void stay() {
  gate.enter();
  ++inside;  // allow: data-race inside
  gate.leave();
}

int main() {
  std::thread a(visit), b(stay);
  a.join();
  b.join();
  return inside;
}
