// The arrows between folders that ARCHITECTURE.md draws, held against the sources.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace deadheat {
namespace {

namespace fs = std::filesystem;

/// What files of a folder may include between quotes, as prefixes. Folders of the system come in <> except LLVM's.
const std::map<std::string, std::vector<std::string>> kAllowed = {
    {"analyzers/facts", {"analyzers/facts/", "llvm/"}},
    {"analyzers/models", {"analyzers/models/", "analyzers/facts/", "llvm/"}},
    {"analyzers/extract", {"analyzers/extract/", "analyzers/models/", "analyzers/facts/", "clang/", "llvm/"}},
    {"analyzers/link", {"analyzers/link/", "analyzers/facts/", "llvm/"}},
    {"analyzers/findings", {"analyzers/findings/", "analyzers/facts/", "llvm/"}},
    {"analyzers/checks",
     {"analyzers/checks/", "analyzers/link/", "analyzers/facts/", "analyzers/findings/", "llvm/"}},
    {"runtime", {"runtime/"}},
    {"plugin", {"plugin/", "llvm/"}},
    {"tool", {"tool/", "analyzers/", "runtime/protocol.h", "llvm/", "CLI/"}},
};

std::vector<std::pair<int, std::string>> includesOf(const fs::path& file) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*["<]([^">]+)[">])");
  std::vector<std::pair<int, std::string>> includes;
  std::ifstream in(file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number)
    if (std::smatch match; std::regex_search(line, match, kInclude)) includes.emplace_back(number, match[1]);
  return includes;
}

/// Ours, Clang's, LLVM's and CLI11's headers have folders of their own; everything else is the system's.
bool isGoverned(const std::string& include) {
  for (const char* prefix : {"analyzers/", "runtime/", "plugin/", "tool/", "tests/", "clang/",
                             "clang-c/", "llvm/", "CLI/"})
    if (include.starts_with(prefix)) return true;
  return false;
}

bool startsWithAny(const std::string& include, const std::vector<std::string>& prefixes) {
  for (const std::string& prefix : prefixes)
    if (include.starts_with(prefix)) return true;
  return false;
}

TEST(Includes, FollowTheArrowsOfTheArchitecture) {
  const fs::path root = DEADHEAT_SOURCE_DIR;
  std::size_t files = 0;
  for (const auto& [folder, allowed] : kAllowed) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
      ++files;
      for (const auto& [line, include] : includesOf(entry.path()))
        EXPECT_TRUE(!isGoverned(include) || startsWithAny(include, allowed))
            << fs::relative(entry.path(), root).string() << ":" << line << " must not include " << include;
    }
  }
  EXPECT_GT(files, 20u);
}

TEST(Includes, KeepTheCommandLineLibraryInTheTool) {
  const fs::path root = DEADHEAT_SOURCE_DIR;
  for (const char* folder : {"tool/confirm", "tool/run", "tool/report", "tool/symbols", "tool/pipeline"}) {
    if (!fs::exists(root / folder)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder))
      if (entry.is_regular_file())
        for (const auto& [line, include] : includesOf(entry.path()))
          EXPECT_FALSE(include.starts_with("CLI/")) << entry.path() << ":" << line;
  }
}

/// CXX standard library headers that the runtime may use: they hold no code that needs the C++ library.
TEST(Includes, LeaveTheRuntimeWithoutTheCppLibrary) {
  const std::vector<std::string> freestanding = {"atomic",  "bit",     "cerrno",  "climits",     "concepts", "cstdarg",
                                                 "cstddef", "cstdint", "cstring", "type_traits", "limits",   "new",
                                                 "utility", "cstdlib", "cstdio",  "compare",     "ctime",    "initializer_list"};
  const fs::path root = fs::path(DEADHEAT_SOURCE_DIR) / "runtime";
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
    for (const auto& [line, include] : includesOf(entry.path())) {
      bool system = include.ends_with(".h") || include.starts_with("runtime/");
      EXPECT_TRUE(system || std::find(freestanding.begin(), freestanding.end(), include) != freestanding.end())
          << entry.path().string() << ":" << line << " includes <" << include << ">";
    }
  }
}

}  // namespace
}  // namespace deadheat
