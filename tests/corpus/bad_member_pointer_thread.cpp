// Threads started from member function pointers and functors, kept in a vector, many of one kind: one access races with
// itself.
#include <thread>
#include <vector>

class Tally {
 public:
  void vote() { ++votes_; }  // expect: data-race Tally::votes_

 private:
  int votes_ = 0;
};

struct Voter {
  Tally* tally;
  void operator()() const { tally->vote(); }
};

int main() {
  Tally tally;
  std::vector<std::thread> threads;
  threads.emplace_back(&Tally::vote, &tally);
  for (int i = 0; i < 3; ++i) threads.emplace_back(Voter{&tally});
  for (std::thread& thread : threads) thread.join();
  return 0;
}
