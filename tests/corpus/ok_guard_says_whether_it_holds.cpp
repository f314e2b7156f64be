// A guard that is made without its lock, tries or takes it, and is asked whether it holds it.
#include <mutex>
#include <thread>
class A {
 public:
  int one(int bytes, bool force) {
    std::unique_lock<std::mutex> guard(m_, std::defer_lock);
    if (force || guard.try_lock()) {
      if (!guard.owns_lock()) guard.lock();
      a1 += bytes;
      return a1;
    }
    return 0;
  }
  int two(int bytes) {
    std::unique_lock<std::mutex> guard(m_, std::defer_lock);
    if (!guard.owns_lock()) guard.lock();
    a2 += bytes;
    return a2;
  }
  int three(int bytes) {
    std::unique_lock<std::mutex> guard(m_, std::defer_lock);
    if (guard.try_lock()) {
      a3 += bytes;
      return a3;
    }
    return 0;
  }
  int four(int bytes, bool x) {
    std::unique_lock<std::mutex> guard(m_, std::defer_lock);
    if (x) guard.lock();
    if (guard.owns_lock()) a4 += bytes;
    return 0;
  }
  int a1 = 0, a2 = 0, a3 = 0, a4 = 0;
 private:
  std::mutex m_;
};
int main() {
  A b;
  std::thread t([&] { b.one(1, false); b.two(1); b.three(1); b.four(1, true); });
  b.one(1, false); b.two(1); b.three(1); b.four(1, true);
  t.join();
}
