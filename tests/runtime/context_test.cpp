// Calling contexts: what is read back is what was called.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "runtime/core.h"
#include "runtime/detect/call_stack.h"
#include "runtime/detect/context_tree.h"

namespace deadheat::rt {
namespace {

struct Caller {
  Caller() : frames(new Frame[CallStack::kFrames + 1]), calls(std::make_unique<CallStack>()) {
    calls->frames = frames.get();
    calls->start();
  }

  void enter(Address returnAddress) {
    stackPointer -= 48;
    enterContext(*calls, returnAddress, stackPointer);
  }
  void leave() {
    leaveContext(*calls, stackPointer);
    stackPointer += 48;
  }
  std::vector<Address> stack() {
    std::vector<Address> out(4096);
    out.resize(unwind(calls->context(), 0, out.data(), out.size()));
    return out;
  }

  std::unique_ptr<Frame[]> frames;
  std::unique_ptr<CallStack> calls;
  Address stackPointer = 0x7fff00000000;
};

TEST(Context, GivesBackTheCallsThatMadeIt) {
  std::mt19937 draw(3);
  Caller caller;
  std::vector<Address> expected;
  for (int step = 0; step < 50000; ++step) {
    if (expected.size() < 40 && draw() % 5 < 3) {
      // A function of each depth has addresses of its own, so nothing recurses.
      Address from = 0x1000 + expected.size() * 0x100 + draw() % 3;
      caller.enter(from);
      expected.insert(expected.begin(), from);
    } else if (!expected.empty()) {
      caller.leave();
      expected.erase(expected.begin());
    }
    ASSERT_EQ(caller.stack(), expected);
  }
}

TEST(Context, IsTheSameForTheSameCalls) {
  Caller a;
  Caller b;
  for (Address from : {0x500001, 0x500002, 0x500003}) a.enter(from), b.enter(from);
  EXPECT_EQ(a.calls->context(), b.calls->context());
  b.leave();
  EXPECT_NE(a.calls->context(), b.calls->context());
}

/// Two calls to itself, as in the usual Fibonacci function, make as many stacks as there are numbers below 2^depth.
void callTwice(Caller& caller, int depth) {
  if (depth == 0) return;
  for (Address from : {0x600001, 0x600002}) {
    caller.enter(from);
    callTwice(caller, depth - 1);
    caller.leave();
  }
}

TEST(Context, FoldsRecursion) {
  Caller caller;
  std::uint32_t before = contextCount();
  callTwice(caller, 16);
  EXPECT_LT(contextCount() - before, 4000u);
  EXPECT_TRUE(caller.stack().empty());
}

TEST(Context, KeepsPlainRecursionAsDeepAsPeopleRead) {
  Caller caller;
  for (int i = 0; i < 1000; ++i) caller.enter(0x680001);
  EXPECT_GE(caller.stack().size(), 120u);
  EXPECT_LT(caller.stack().size(), 300u);
}

TEST(Context, SurvivesCallsDeeperThanItKeeps) {
  Caller caller;
  caller.enter(0x700001);
  for (std::uint32_t i = 0; i < CallStack::kFrames + 100; ++i) caller.enter(0x700002);
  for (std::uint32_t i = 0; i < CallStack::kFrames + 100; ++i) caller.leave();
  EXPECT_EQ(caller.stack(), std::vector<Address>{0x700001});
}

TEST(Context, DropsFramesThatWereJumpedOver) {
  Caller caller;
  caller.enter(0x800001);
  Address base = caller.stackPointer;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 5; ++i) caller.enter(0x800010 + static_cast<Address>(i));
    caller.stackPointer = base;  // longjmp
    caller.enter(0x800002);
    ASSERT_EQ(caller.stack(), (std::vector<Address>{0x800002, 0x800001}));
    caller.leave();
  }
  for (int i = 0; i < 5; ++i) caller.enter(0x800010 + static_cast<Address>(i));
  caller.stackPointer = base;
  caller.leave();
  EXPECT_TRUE(caller.stack().empty());
}

/// Link-time optimisation puts an instrumented function into another: two entries, one frame.
TEST(Context, CountsEntriesThatShareAFrame) {
  Caller caller;
  caller.enter(0x900001);
  caller.enter(0x900002);
  enterContext(*caller.calls, 0x900002, caller.stackPointer);
  leaveContext(*caller.calls, caller.stackPointer);
  EXPECT_EQ(caller.stack(), (std::vector<Address>{0x900002, 0x900001}));
  caller.leave();
  EXPECT_EQ(caller.stack(), std::vector<Address>{0x900001});
}

TEST(Context, IgnoresReturnsTooMany) {
  Caller caller;
  caller.leave();
  caller.enter(0xa00001);
  caller.leave();
  caller.leave();
  EXPECT_TRUE(caller.stack().empty());
}

}  // namespace
}  // namespace deadheat::rt
