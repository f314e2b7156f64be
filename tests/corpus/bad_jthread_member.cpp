// The jthread is joined at the end of the scope, after the read.
#include <thread>

int main() {
  int progress = 0;
  {
    std::jthread worker([&progress] { ++progress; });  // expect: data-race progress
    if (progress > 10) return 1;                       // expect: data-race progress
  }
  return progress == 1 ? 0 : 1;
}
