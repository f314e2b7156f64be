// A sample program as its comments describe it: samples/README.md fixes the syntax.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace deadheat {

/// `// expect: data-race Cache::hits_` or `// allow: ...` beside the line it is about.
struct Expectation {
  std::string check;
  std::string subject;
  std::string file;  ///< Base name.
  unsigned line = 0;
};

/// One story: a program of one or more files named after it.
struct Sample {
  std::string name;   ///< `data-race/cache`, `data-race/fixed_cache`.
  std::vector<std::filesystem::path> sources;
  std::vector<Expectation> expectations;
  std::vector<Expectation> allowances;  ///< Consequences of the same bug, and further places of it: may be reported.
  std::vector<std::string> flags;  ///< More for the compiler, from `// flags: -fopenmp`.
  bool onlyRuns = false;  ///< No check finds it: a run has to.
  bool byRuns = false;   ///< `// found: by runs`: no check finds it.
  std::string verdict;  ///< `confirmed` from `// verdict: confirmed`; empty for twins.

  bool isFixed() const { return name.find("/fixed_") != std::string::npos; }
};

/// GoogleTest shows a sample by its name.
inline void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.name; }

/// All samples below `folder`, sorted by name.
std::vector<Sample> discoverSamples(const std::filesystem::path& folder);

}  // namespace deadheat
