// The cache as users meet it: what is done again after which change, and that nothing hurts it.
#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "tests/tool/binary.h"
#include "tool/cache/cache_folder.h"
#include "tool/cache/entry_frame.h"
#include "tool/cache/upkeep.h"

namespace deadheat {
namespace {

namespace fs = std::filesystem;

constexpr char kHeader[] =
    "#pragma once\n"
    "extern int hits;\n"
    "void work();\n";
constexpr char kMain[] =
    "#include <thread>\n"
    "#include \"hits.h\"\n"
    "int main() {\n"
    "  std::thread worker(work);\n"
    "  hits++;\n"
    "  worker.join();\n"
    "}\n";
constexpr char kWork[] =
    "#include \"hits.h\"\n"
    "int hits;\n"
    "void work() { hits++; }\n";
constexpr char kOther[] = "int twice(int x) { return 2 * x; }\n";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A project of three units, two of which share a header.
class Project : public Workshop {
 public:
  Project() {
    write("include/hits.h", kHeader);
    project({{"main.cpp", kMain}, {"work.cpp", kWork}, {"other.cpp", kOther}}, "-I " + path("first") + " -I " + path("include"));
  }

  Said check(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"check", "-p", "build"});
    return deadheat(more);
  }
  /// What the next check says it took from the cache: "2 from the cache, …", and that its findings are as ever.
  std::string reused() const {
    Said said = check();
    EXPECT_EQ(said.exitCode, 2) << said.err;
    EXPECT_TRUE(has(said.out, "[data-race]")) << said.out;
    for (const char* text : {"3 from the cache", "2 from the cache", "1 from the cache"})
      if (has(said.err, text)) return text;
    return "nothing from the cache";
  }
  std::vector<fs::path> entries(const std::string& kind) const {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(fs::path(cachePath()) / kind))
      if (entry.is_regular_file()) files.push_back(entry.path());
    return files;
  }
};

TEST(Cache, ASecondRunTakesAllFromIt) {
  Project here;
  Said first = here.check();
  EXPECT_EQ(first.exitCode, 2) << first.err;
  EXPECT_FALSE(has(first.err, "from the cache"));
  Said second = here.check();
  EXPECT_TRUE(has(second.err, "3 from the cache")) << second.err;
  EXPECT_EQ(second.out, first.out);
}

TEST(Cache, OnlyUnitsThatIncludeAChangedHeaderAreExtractedAgain) {
  Project here;
  here.check();
  here.write("include/hits.h", std::string(kHeader) + "inline int third() { return 3; }\n");
  EXPECT_EQ(here.reused(), "1 from the cache");
  EXPECT_EQ(here.reused(), "3 from the cache");
}

TEST(Cache, ContentCountsNotTime) {
  Project here;
  here.check();
  here.write("work.cpp", kWork);
  EXPECT_EQ(here.reused(), "3 from the cache");
}

TEST(Cache, AnEditThatKeepsSizeAndTimeIsSeen) {
  Project here;
  here.check();
  const fs::path file = here.path("other.cpp");
  const auto time = fs::last_write_time(file);
  here.write("other.cpp", "int twice(int x) { return 3 * x; }\n");
  fs::last_write_time(file, time);
  EXPECT_EQ(here.reused(), "2 from the cache");
}

TEST(Cache, AHeaderThatAppearsEarlierOnThePathIsSeen) {
  Project here;
  fs::create_directory(here.path("first"));
  here.check();
  here.write("first/hits.h", std::string(kHeader) + "// another\n");
  EXPECT_EQ(here.reused(), "1 from the cache");
  fs::remove(here.path("first/hits.h"));
  EXPECT_EQ(here.reused(), "3 from the cache") << "the earlier state is remembered";
}

TEST(Cache, AHeaderThatWasMissingIsLookedForAgain) {
  Workshop here;
  here.project({{"a.cpp", "#include \"late.h\"\nint f() { return late; }\n"}, {"b.cpp", kOther}});
  EXPECT_EQ(here.deadheat({"check"}).exitCode, 3);
  Said again = here.deadheat({"check"});
  EXPECT_EQ(again.exitCode, 3) << again.err;
  EXPECT_TRUE(has(again.err, "late.h") && has(again.err, "1 failed, 2 from the cache")) << again.err;
  here.write("late.h", "constexpr int late = 1;\n");
  EXPECT_EQ(here.deadheat({"check"}).exitCode, 0);
}

TEST(Cache, AChangedCommandOrModelIsSeen) {
  Project here;
  here.check();
  here.write("m.yaml", "functions:\n  - {names: [noSuchFunction], effect: nothing}\n");
  EXPECT_FALSE(has(here.check({"--models=m.yaml"}).err, "from the cache"));
  here.project({{"main.cpp", kMain}, {"work.cpp", kWork}, {"other.cpp", kOther}}, "-DX=1 -I " + here.path("include"));
  EXPECT_EQ(here.reused(), "nothing from the cache");
}

TEST(Cache, AChangedCommentRunsOneUnitAndNoLink) {
  Project here;
  here.check();
  ASSERT_EQ(here.entries("findings").size(), 1U);
  here.write("work.cpp", "#include \"hits.h\"\nint hits;  // how many\nvoid work() { hits++; }\n");
  EXPECT_EQ(here.reused(), "2 from the cache");
  EXPECT_EQ(here.entries("findings").size(), 1U) << "the facts are the same, so the findings are";
  EXPECT_EQ(here.entries("facts").size(), 3U);
}

TEST(Cache, AnUnchangedRunDoesNotEvenReadTheFacts) {
  Project here;
  here.check();
  for (const fs::path& file : here.entries("facts")) std::ofstream(file) << "not facts";
  EXPECT_EQ(here.reused(), "3 from the cache");
}

TEST(Cache, DifferentChecksHaveDifferentFindings) {
  Project here;
  EXPECT_EQ(here.check({"--checks=lock-order"}).exitCode, 0);
  EXPECT_EQ(here.reused(), "3 from the cache");
  EXPECT_EQ(here.check({"--checks=lock-order"}).exitCode, 0);
}

TEST(Cache, CanBeLeftAloneAndPutElsewhere) {
  Project here;
  here.check({"--no-cache"});
  EXPECT_FALSE(fs::exists(here.cachePath()));
  here.check({"--cache-dir=elsewhere"});
  EXPECT_FALSE(fs::exists(here.cachePath()));
  EXPECT_TRUE(fs::exists(here.path("elsewhere/units")));
  EXPECT_FALSE(has(here.check({"--no-cache"}).err, "from the cache"));
}

TEST(Cache, APlaceThatCannotBeUsedCostsTheCacheOnly) {
  Project here;
  here.write("file", "");
  Said said = here.check({"--cache-dir=file/cache"});
  EXPECT_EQ(said.exitCode, 2) << said.err;
  EXPECT_TRUE(has(said.err, "no cache")) << said.err;
}

TEST(Cache, CorruptEntriesAreMadeAgain) {
  for (const char* kind : {"units", "facts", "findings"}) {
    for (bool truncate : {false, true}) {
      Project here;
      here.check();
      for (const fs::path& file : here.entries(kind)) {
        std::string bytes = readFile(file.string());
        if (truncate)
          bytes.resize(bytes.size() / 2);
        else
          bytes[bytes.size() - 3] = static_cast<char>(bytes[bytes.size() - 3] ^ 1);
        std::ofstream(file, std::ios::binary) << bytes;
      }
      if (std::string(kind) == "facts") fs::remove_all(fs::path(here.cachePath()) / "findings");
      here.reused();
      EXPECT_EQ(here.reused(), "3 from the cache") << kind;
      for (const fs::path& file : here.entries(kind)) EXPECT_TRUE(unwrapEntry(readFile(file.string()))) << file;
    }
  }
}

TEST(Cache, TwoRunsAtOnceShareIt) {
  Project here;
  auto run = [&] {
    const pid_t child = fork();
    if (child != 0) return child;
    setenv("DEADHEAT_CACHE", here.cachePath().c_str(), 1);
    if (chdir(here.path("").c_str()) != 0) _exit(99);
    const int quiet = open("/dev/null", O_WRONLY);
    dup2(quiet, 1);
    dup2(quiet, 2);
    execl(DEADHEAT_BINARY_DIR "/bin/deadheat", "deadheat", "check", "-p", "build", nullptr);
    _exit(99);
  };
  for (int round = 0; round < 3; ++round) {
    pid_t runs[] = {run(), run(), run(), run()};
    for (pid_t child : runs) {
      int status = 0;
      waitpid(child, &status, 0);
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 2) << "round " << round;
    }
    EXPECT_EQ(here.reused(), "3 from the cache");
    for (const char* kind : {"units", "facts", "findings"})
      for (const fs::path& file : here.entries(kind)) EXPECT_TRUE(unwrapEntry(readFile(file.string()))) << file;
    if (round == 0) fs::remove_all(here.cachePath());
    if (round == 1) here.write("include/hits.h", std::string(kHeader) + "inline void more() {}\n");
  }
}

TEST(Cache, AKilledRunLosesNothingItHadExtracted) {
  Project here;
  // The last unit reads a pipe that nobody writes to: the run waits there until it is killed.
  here.write("stuck.cpp", "#include \"pipe.h\"\n");
  ASSERT_EQ(mkfifo(here.path("pipe.h").c_str(), 0600), 0);
  here.project({{"main.cpp", kMain}, {"work.cpp", kWork}, {"other.cpp", kOther}, {"stuck.cpp", "#include \"pipe.h\"\n"}},
               "-I " + here.path("include"));
  const pid_t child = fork();
  if (child == 0) {
    setenv("DEADHEAT_CACHE", here.cachePath().c_str(), 1);
    if (chdir(here.path("").c_str()) != 0) _exit(99);
    const int quiet = open("/dev/null", O_WRONLY);
    dup2(quiet, 1);
    dup2(quiet, 2);
    execl(DEADHEAT_BINARY_DIR "/bin/deadheat", "deadheat", "check", "-p", "build", "-j2", nullptr);
    _exit(99);
  }
  for (int i = 0; i < 1000; ++i) {
    if (fs::exists(here.cachePath() + "/units") && here.entries("units").size() == 3) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  ASSERT_EQ(here.entries("units").size(), 3U);
  here.write("pipe.h.text", "int x;\n");
  fs::remove(here.path("pipe.h"));
  here.write("pipe.h", "int unblocked;\n");
  EXPECT_EQ(here.reused(), "3 from the cache");
}

TEST(Cache, StatsCountAndGcTakesAway) {
  Project here;
  EXPECT_TRUE(has(here.deadheat({"cache", "stats"}).out, "total            0"));
  here.check();
  Said stats = here.deadheat({"cache", "stats"});
  EXPECT_EQ(stats.exitCode, 0) << stats.err;
  EXPECT_TRUE(has(stats.out, "units            3") && has(stats.out, "facts            3")) << stats.out;
  EXPECT_TRUE(has(here.deadheat({"cache", "gc"}).out, "removed 0 entries"));
  EXPECT_EQ(here.reused(), "3 from the cache");
  EXPECT_TRUE(has(here.deadheat({"cache", "gc", "--max-size=0"}).out, "removed 7 entries"));
  EXPECT_TRUE(here.entries("units").empty());
  EXPECT_EQ(here.reused(), "nothing from the cache");
  EXPECT_EQ(here.deadheat({"cache"}).exitCode, 64);
}

TEST(Cache, GcTakesWhatWasUnusedForLongest) {
  TemporaryFolder place;
  const CacheFolder folder = llvm::cantFail(CacheFolder::open((place.path() / "cache").string()));
  const auto now = fs::file_time_type::clock::now();
  for (int days : {40, 3, 2, 1}) {
    const std::string name = "aa/" + std::to_string(days);
    llvm::cantFail(folder.write(CacheFolder::Kind::Facts, name, std::string(1000, 'x')));
    fs::last_write_time(folder.pathOf(CacheFolder::Kind::Facts) + "/" + name, now - std::chrono::hours(24 * days));
  }
  EXPECT_EQ(collectGarbage(folder, {}).entries, 1U) << "older than 30 days";
  EXPECT_FALSE(folder.contains(CacheFolder::Kind::Facts, "aa/40"));
  const std::uint64_t each = cacheStats(folder).facts.bytes / 3;
  EXPECT_EQ(collectGarbage(folder, {.bytes = 2 * each}).entries, 1U);
  EXPECT_FALSE(folder.contains(CacheFolder::Kind::Facts, "aa/3"));
  EXPECT_TRUE(folder.contains(CacheFolder::Kind::Facts, "aa/1"));
  EXPECT_TRUE(folder.read(CacheFolder::Kind::Facts, "aa/2")) << "and that counts as use";
  EXPECT_EQ(collectGarbage(folder, {.bytes = each}).entries, 1U);
  EXPECT_TRUE(folder.contains(CacheFolder::Kind::Facts, "aa/2"));
}

TEST(EntryFrame, GivesBackWholeEntriesOnly) {
  const std::string text = "facts " + std::string(500, 'f');
  const std::string file = wrapEntry(text);
  EXPECT_EQ(unwrapEntry(file), text);
  EXPECT_LT(file.size(), text.size());
  for (std::size_t at = 0; at < file.size(); ++at) {
    std::string broken = file;
    broken[at] = static_cast<char>(broken[at] ^ 0x10);
    EXPECT_EQ(unwrapEntry(broken), std::nullopt) << at;
    EXPECT_EQ(unwrapEntry(file.substr(0, at)), std::nullopt) << at;
  }
  EXPECT_EQ(unwrapEntry(wrapEntry("")), "");
}

TEST(Isolation, AUnitThatTakesTooLongIsCutOffAndSaysSo) {
  Workshop here;
  // Each instance makes two more: 2^40 in all.
  here.project({{"slow.cpp",
                 "template <int depth, int branch> struct T {\n"
                 "  static constexpr long value = T<depth - 1, 2 * branch>::value + T<depth - 1, 2 * branch + 1>::value;\n"
                 "};\n"
                 "template <int branch> struct T<0, branch> { static constexpr long value = branch; };\n"
                 "long x = T<30, 0>::value;\n"},
                {"fine.cpp", kOther}});
  Said said = here.deadheat({"check", "--unit-timeout=1"});
  EXPECT_EQ(said.exitCode, 3) << said.err;
  EXPECT_TRUE(has(said.err, "slow.cpp: cut off: took more than 1 s of processor time")) << said.err;
  EXPECT_TRUE(has(said.err, "analysed 1 of 2 units (1 failed)")) << said.err;
}

}  // namespace
}  // namespace deadheat
