#include "tool/compiler/targets.h"

#include <algorithm>
#include <set>

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SHA1.h"
#include "tool/report/findings_file.h"

namespace deadheat {
namespace {

constexpr llvm::StringLiteral kOption = "--targeted=";
constexpr char kVariable[] = "DEADHEAT_TARGETED";

/// File and line of every access that a finding is about.
std::set<std::string> placesOf(const Report& report) {
  std::set<std::string> places;
  for (const Finding& finding : report.findings)
    for (const std::vector<Site>* sites : {&finding.sites, &finding.places})
      for (const Site& site : *sites)
        if (site.kind != Site::Kind::Acquire) places.insert(site.point.file + ":" + std::to_string(site.point.line));
  return places;
}

}  // namespace

std::string takeTargetsFile(std::vector<std::string>& arguments, const Surroundings& surroundings) {
  if (arguments.empty() || !llvm::StringRef(arguments[0]).starts_with(kOption))
    return surroundings.environment(kVariable);
  std::string file = arguments[0].substr(kOption.size());
  arguments.erase(arguments.begin());
  return file;
}

llvm::Expected<TargetPlaces> readTargetPlaces(const std::string& file) {
  llvm::SmallString<256> path(file);
  llvm::sys::fs::make_absolute(path);
  auto report = readFindings(std::string(path));
  if (!report)
    return llvm::createStringError("targeted build: " + llvm::toString(report.takeError()) +
                                   (path == file ? "" : " (a build changes folders: give an absolute path)"));
  std::set<std::string> places = placesOf(*report);
  if (places.empty())
    return llvm::createStringError(
        "targeted build: no finding in " + file +
        " is about an access to memory, so there is nothing to instrument: build without it");
  llvm::SHA1 hash;
  for (const std::string& place : places) hash.update(place + "\n");
  return TargetPlaces{std::string(path), llvm::toHex(hash.final(), /*LowerCase=*/true)};
}

llvm::Error checkTargetable(const CompilerCall& call) {
  if (!call.passPlugin.empty()) return llvm::Error::success();
  if (call.isClang19)
    return llvm::createStringError("a targeted build needs deadheat's plugin for clang 19, which is not installed");
  return llvm::createStringError("a targeted build needs clang 19, not '" + call.program.back() +
                                 "': name it as the compiler (DEADHEAT_CC=clang-19, DEADHEAT_CXX=clang++-19), or build "
                                 "without --targeted and DEADHEAT_TARGETED, with every access instrumented");
}

std::vector<std::string> targetFlags(const TargetPlaces& places, const std::string& passPlugin, bool dependencies) {
  std::vector<std::string> flags{"-fplugin=" + passPlugin};
  auto toCompiler = [&](const std::string& word) { flags.insert(flags.end(), {"-Xclang", word}); };
  for (const std::string& option : {"-deadheat-targets=" + places.file, "-deadheat-targets-digest=" + places.digest,
                                    std::string("-tsan-instrument-func-entry-exit=0")}) {
    toCompiler("-mllvm");
    toCompiler(option);
  }
  if (dependencies) toCompiler("-fdepfile-entry=" + places.file);
  return flags;
}

}  // namespace deadheat
