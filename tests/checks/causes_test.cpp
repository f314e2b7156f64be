#include "analyzers/checks/causes.h"

#include "tests/checks/checks_test_support.h"

namespace deadheat {
namespace {

/// A finding about `subject` with two accesses on `lines` of one file.
Finding finding(std::string check, std::string subject, std::uint32_t first, std::uint32_t second) {
  Finding out;
  out.check = std::move(check);
  out.subjects = {std::move(subject)};
  out.message = out.check;
  out.location = {"/src/main.cpp", first, 1};
  out.sites = {{Site::Kind::Write, {"/src/main.cpp", first, 1}, "f", {}},
               {Site::Kind::Read, {"/src/main.cpp", second, 1}, "g", {}}};
  return out;
}

TEST(Causes, KeepTheCheckThatTellsMore) {
  auto kept = oneForEachCause({finding("data-race", "p", 1, 2), finding("shared-ptr-race", "p", 2, 3)});
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].check, "shared-ptr-race");
}

TEST(Causes, KeepFindingsAtOtherPlacesApart) {
  EXPECT_EQ(oneForEachCause({finding("data-race", "p", 1, 2), finding("shared-ptr-race", "p", 3, 4)}).size(), 2u);
}

TEST(Causes, KeepFindingsAboutOthersApart) {
  EXPECT_EQ(oneForEachCause({finding("data-race", "p", 1, 2), finding("shared-ptr-race", "q", 1, 2)}).size(), 2u);
}

TEST(Causes, KeepChecksApartThatDoNotKnowEachOther) {
  EXPECT_EQ(oneForEachCause({finding("data-race", "p", 1, 2), finding("lock-order", "p", 1, 2)}).size(), 2u);
  EXPECT_EQ(oneForEachCause({finding("data-race", "p", 1, 2), finding("data-race", "p", 1, 3)}).size(), 2u);
}

TEST(Causes, FollowPlacesThroughWhatWasAbsorbed) {
  auto kept = oneForEachCause({finding("data-race", "p", 5, 9), finding("data-race", "p", 1, 5),
                               finding("shared-ptr-race", "p", 1, 2)});
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].check, "shared-ptr-race");
}

TEST(Causes, TakeOverTheEvidenceThatIsSurer) {
  Finding race = finding("data-race", "p", 1, 2);
  race.confidence = Confidence::High;
  race.confidenceReason = "both threads are known";
  Finding suspicion = finding("shared-ptr-race", "p", 2, 7);
  suspicion.confidence = Confidence::Medium;
  auto kept = oneForEachCause({race, suspicion});
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].message, "shared-ptr-race");
  EXPECT_EQ(kept[0].confidence, Confidence::High);
  EXPECT_EQ(kept[0].confidenceReason, "both threads are known");
  EXPECT_EQ(kept[0].sites, race.sites);
}

TEST(Causes, KeepTheirOwnEvidenceWhenItIsAsGood) {
  Finding race = finding("data-race", "p", 1, 2);
  Finding told = finding("shared-ptr-race", "p", 2, 7);
  auto kept = oneForEachCause({race, told});
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].sites, told.sites);
}

TEST(Causes, AreToldByTheOnlyCheckThatWasAskedFor) {
  FactsBuilder facts;
  facts.global("g_hits");
  facts.function("worker").write("g_hits");
  facts.main().spawn("worker", "t").read("g_hits").join("t");
  expectNone(findingsOf("shared-ptr-race", facts));
  expectOne(races(facts), "g_hits", Confidence::High);
}

}  // namespace
}  // namespace deadheat
