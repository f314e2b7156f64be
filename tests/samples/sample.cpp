#include "tests/samples/sample.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>

namespace deadheat {
namespace {

namespace fs = std::filesystem;

/// `cache` of cache.cpp, cache.part2.cpp and cache.c.
std::string storyOf(const fs::path& file) {
  std::string name = file.filename().string();
  return name.substr(0, name.find('.'));
}

bool isSource(const fs::path& file) { return file.extension() == ".cpp" || file.extension() == ".c"; }

void readComments(const fs::path& file, Sample& sample) {
  static const std::regex kExpect(R"(//\s*expect:\s*(\S+)\s+(\S+))");
  static const std::regex kAllow(R"(//\s*allow:\s*(\S+)\s+(\S+))");
  static const std::regex kFlag(R"(//\s*flags:\s*(\S+))");
  static const std::regex kFound(R"(//\s*found:\s*by runs)");
  static const std::regex kVerdict(R"(//\s*verdict:\s*(\S+))");
  std::ifstream in(file);
  std::string line;
  for (unsigned number = 1; std::getline(in, line); ++number) {
    std::smatch match;
    if (std::regex_search(line, match, kExpect))
      sample.expectations.push_back({match[1], match[2], file.filename().string(), number});
    if (std::regex_search(line, match, kAllow))
      sample.allowances.push_back({match[1], match[2], file.filename().string(), number});
    if (std::regex_search(line, match, kFlag)) sample.flags.push_back(match[1]);
    if (std::regex_search(line, match, kVerdict)) sample.verdict = match[1];
    if (std::regex_search(line, kFound)) sample.byRuns = true;
  }
}

}  // namespace

std::vector<Sample> discoverSamples(const fs::path& folder) {
  std::map<std::string, Sample> samples;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path& file = entry.path();
    if (!isSource(file) && file.extension() != ".h") continue;
    std::string name = file.parent_path().filename().string() + "/" + storyOf(file);
    Sample& sample = samples[name];
    sample.name = name;
    if (isSource(file)) sample.sources.push_back(file);
    readComments(file, sample);
  }
  std::vector<Sample> sorted;
  for (auto& [name, sample] : samples) {
    if (sample.sources.empty()) continue;  // a header shared by two stories
    std::sort(sample.sources.begin(), sample.sources.end());
    sorted.push_back(std::move(sample));
  }
  return sorted;
}

}  // namespace deadheat
