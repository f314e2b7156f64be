// The guard has no name, so it lets go at the end of its own line.
#include <mutex>
#include <thread>

class Turnstile {
 public:
  void pass() {
    std::unique_lock<std::mutex>{mu_};  // expect: ineffective-guard Turnstile::mu_
    ++passed_;  // expect: data-race Turnstile::passed_
  }

  int passed() {
    std::unique_lock<std::mutex> lock(mu_);
    return passed_;
  }

 private:
  std::mutex mu_;
  int passed_ = 0;
};

int main() {
  Turnstile turnstile;
  std::thread first([&turnstile] { turnstile.pass(); });
  std::thread second([&turnstile] { turnstile.pass(); });
  first.join();
  second.join();
  return turnstile.passed() > 0 ? 0 : 1;
}
