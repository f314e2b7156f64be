// Views: what objects refer to that own nothing, where units know coroutines.
#include <gtest/gtest.h>

#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

const std::string kTypes = R"(#include <coroutine>
#include <initializer_list>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>
struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_value(std::string_view) {}
    void unhandled_exception() {}
  };
};
std::string made();
void text(std::string_view);
void numbers(std::span<const int>);
void number(int*);
)";

/// The calls and assignments in `f`, with `body`.
Lines callsIn(const std::string& body) {
  const Extraction unit =
      extractText(kTypes + "void f(std::string s, std::vector<int> v) {" + body + "}", {"-std=c++20"});
  if (!unit.parsed) return {"does not parse"};
  Lines lines = eventsOf(unit.facts, "f");
  std::erase_if(lines,
                [](const std::string& line) { return !line.starts_with("call ") || line.starts_with("call made"); });
  return lines;
}

TEST(View, RefersToTheStringThatIsConverted) {
  EXPECT_EQ(callsIn("text(s);"), (Lines{"call text(&%s[])"}));
  EXPECT_EQ(callsIn("text(s.c_str());"), (Lines{"call text(&%s[])"}));
}

TEST(View, RefersToTheContainerThatItIsMadeOf) {
  EXPECT_EQ(callsIn("numbers(v);"), (Lines{"call numbers(&%v)"}));
  EXPECT_EQ(callsIn("number(v.data()); number(&v[0]);"), (Lines{"call number(&%v[])", "call number(&%v[0])"}));
}

TEST(View, OfALiteralRefersToNothingThatEnds) { EXPECT_EQ(callsIn("text(\"x\");"), (Lines{"call text(constant)"})); }

TEST(View, IsWhatItWasCopiedOrCutFrom) {
  EXPECT_EQ(callsIn("std::string_view whole = s; text(whole); text(whole.substr(1));"),
            (Lines{"call text($whole)", "call text($whole)"}));
}

TEST(View, OfARangeRefersToWhatTheRangeDoes) {
  EXPECT_EQ(callsIn("extern void ranges(std::ranges::ref_view<std::vector<int>>); ranges(v | std::views::all);"),
            (Lines{"call ranges(&%v)"}));
}

TEST(View, TellsWhereACoroutineLooksThroughIt) {
  const Extraction unit =
      extractText(kTypes + "Task f(std::string_view name) { (void)name.size(); co_return name; }", {"-std=c++20"});
  ASSERT_TRUE(unit.parsed);
  const Lines lines = eventsOf(unit.facts, "f");
  EXPECT_EQ(std::ranges::count(lines, "read %name*"), 1) << testing::PrintToString(lines);
  EXPECT_EQ(std::ranges::count(lines, "return %name"), 1) << testing::PrintToString(lines);
}

TEST(View, IsAPlainValueWhereThereAreNoCoroutines) {
  const Extraction unit = extractText(
      "#include <string>\n#include <string_view>\nvoid text(std::string_view); void f(std::string_view v) { text(v); "
      "}");
  ASSERT_TRUE(unit.parsed);
  EXPECT_EQ(eventsOf(unit.facts, "f"), (Lines{"assign $tmp = object %v", "call text(object %v)"}));
}

}  // namespace
}  // namespace deadheat::test
