// Confirm end to end: real programs built by the compiler wrapper with both compilers, whose bugs free runs do not show.
#include <gtest/gtest.h>

#include "tests/confirm/compiled.h"
#include "tool/confirm/confirm.h"

namespace deadheat {
namespace {

constexpr char kAccidentallyOrdered[] = R"(#include <chrono>
#include <mutex>
#include <thread>
std::mutex log_mutex;
int events;
int config;
void note() { std::lock_guard<std::mutex> guard(log_mutex); ++events; }
void load() {
  config = 5;
  note();
}
int main() {
  std::thread loader(load);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  note();
  int seen = config;
  loader.join();
  return seen == 100;
}
)";

constexpr char kUnderALockOnOneSide[] = R"(#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
class Total {
 public:
  void add(int n) {
    std::lock_guard<std::mutex> guard(mu_);
    total_ += n;
  }
  int peek() const {
    return total_;
  }
  void touch() { std::lock_guard<std::mutex> guard(mu_); }
 private:
  std::mutex mu_;
  int total_ = 0;
};
int main() {
  auto total = std::make_shared<Total>();
  std::thread worker([total] { for (int i = 0; i < 3; ++i) total->add(i); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  total->touch();
  int seen = total->peek();
  worker.join();
  return seen == 100;
}
)";

constexpr char kOppositeOrders[] = R"(#include <chrono>
#include <mutex>
#include <thread>
std::mutex a, b;
int moved;
void forward() {
  std::lock_guard<std::mutex> first(a);
  std::lock_guard<std::mutex> second(b);
  ++moved;
}
void backward() {
  std::lock_guard<std::mutex> first(b);
  std::lock_guard<std::mutex> second(a);
  --moved;
}
int main() {
  std::thread one(forward);
  std::thread other([] { std::this_thread::sleep_for(std::chrono::milliseconds(50)); backward(); });
  one.join();
  other.join();
  return moved;
}
)";

constexpr char kOrdered[] = R"(#include <thread>
int value;
void change() {
  value = 2;
}
int main() {
  std::thread worker(change);
  worker.join();
  return value - 2;
}
)";

struct Build {
  const char* compiler;
  const char* flags;
};

class Program : public ::testing::TestWithParam<Build> {
 protected:
  void SetUp() override {
    if (std::system((std::string(GetParam().compiler) + " --version >/dev/null 2>&1").c_str()) != 0)
      GTEST_SKIP() << GetParam().compiler << " is not installed";
    setenv("DEADHEAT_CXX", GetParam().compiler, 1);
  }
  void TearDown() override { unsetenv("DEADHEAT_CXX"); }

  /// Builds the text and confirms one finding with sites on two of its lines.
  Finding confirmed(const std::string& text, Site::Kind kind, std::uint32_t line, std::uint32_t otherLine) {
    const std::string program = compileIn(folder_, "program.cpp", text, DEADHEAT_BINARY_DIR "/bin/deadheat c++",
                                          std::string("-std=c++17 ") + GetParam().flags);
    const std::string source = (folder_.path() / "program.cpp").string();
    Finding finding;
    finding.check = kind == Site::Kind::Acquire ? "lock-order" : "data-race";
    finding.sites = {{kind, {source, line, 0}, "", {}}, {kind, {source, otherLine, 0}, "", {}}};
    if (kind == Site::Kind::Write) finding.sites[1].kind = Site::Kind::Read;
    ConfirmOptions options;
    options.command = {program};
    options.outputDirectory = (folder_.path() / "out").string();
    auto result = confirmFindings({finding}, options);
    if (result && !result->findings.empty()) return result->findings.front();
    ADD_FAILURE() << (result ? "no finding" : llvm::toString(result.takeError()));
    return {};
  }

  TemporaryFolder folder_;
};

TEST_P(Program, RaceThatALockOrdersByAccidentIsCaught) {
  const Verdict verdict = confirmed(kAccidentallyOrdered, Site::Kind::Write, 9, 16).verdict;
  EXPECT_EQ(verdict.proof, Verdict::Proof::Caught) << verdict.reason;
  EXPECT_GT(verdict.attempts, 0u);
}

TEST_P(Program, RaceOfALockedWithAnUnlockedAccessIsConfirmed) {
  const Verdict verdict = confirmed(kUnderALockOnOneSide, Site::Kind::Write, 9, 12).verdict;
  EXPECT_EQ(verdict.kind, Verdict::Kind::Confirmed) << verdict.reason;
}

TEST_P(Program, DeadlockThatTimingHidesIsCaught) {
  const Verdict verdict = confirmed(kOppositeOrders, Site::Kind::Acquire, 8, 13).verdict;
  EXPECT_EQ(verdict.proof, Verdict::Proof::Caught) << verdict.reason;
  EXPECT_GT(verdict.attempts, 0u);
}

TEST_P(Program, AccessesOrderedByAJoinAreNotReproduced) {
  const Finding finding = confirmed(kOrdered, Site::Kind::Write, 4, 9);
  EXPECT_EQ(finding.verdict.kind, Verdict::Kind::NotReproduced);
  EXPECT_GT(finding.verdict.reached, 0u) << finding.verdict.reason;
  EXPECT_EQ(finding.origin, Finding::Origin::Static);
}

INSTANTIATE_TEST_SUITE_P(Compilers, Program,
                         ::testing::Values(Build{DEADHEAT_CXX, "-O0"}, Build{DEADHEAT_CXX, "-O2"},
                                           Build{"g++", "-O0"}, Build{"g++", "-O2"}));

}  // namespace
}  // namespace deadheat
