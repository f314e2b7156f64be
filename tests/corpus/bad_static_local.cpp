// The initialisation of a static local is safe, what comes after it is not.
#include <thread>

int next_ticket() {
  static int last = 100;
  return ++last;  // expect: data-race last
}

int main() {
  int theirs = 0;
  std::thread desk([&] { theirs = next_ticket(); });
  const int ours = next_ticket();
  desk.join();
  return ours == theirs ? 1 : 0;
}
