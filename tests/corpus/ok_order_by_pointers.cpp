// Two pointers are put in the order of their addresses before the objects are locked.
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

struct Purse {
  std::mutex mutex;
  long coins = 0;
};

void give(Purse& from, Purse& to, long coins) {
  Purse* one = &from;
  Purse* other = &to;
  if (std::less<Purse*>()(other, one)) std::swap(one, other);
  std::lock_guard<std::mutex> outer(one->mutex);
  std::lock_guard<std::mutex> inner(other->mutex);
  from.coins -= coins;
  to.coins += coins;
}

int main() {
  Purse left, right;
  std::thread helper([&] { give(left, right, 1); });
  give(right, left, 1);
  helper.join();
  return left.coins == 0 ? 0 : 1;
}
