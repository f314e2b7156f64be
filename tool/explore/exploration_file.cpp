#include "tool/explore/exploration_file.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "tool/explore/failures.h"
#include "tool/report/findings_file.h"
#include "tool/symbols/failure.h"
#include "tool/version.h"

namespace deadheat {
namespace {

namespace json = llvm::json;

constexpr char kKind[] = "deadheat exploration";
constexpr std::int64_t kFormat = 1;

json::Object howFound(const ExploredFailure& failure) {
  json::Array story;
  for (const std::string& line : failure.story) story.push_back(line);
  return json::Object{{"strategy", failure.strategy},
                      {"deviations", failure.deviations},
                      {"deviationsLeft", failure.deviationsLeft},
                      {"story", std::move(story)}};
}

json::Value toJson(const ExplorationFile& file) {
  Report report;
  report.command = "explore";
  json::Array found;
  for (const ExploredFailure& failure : file.result.failures) {
    report.findings.push_back(failure.finding);
    found.push_back(howFound(failure));
  }
  report.notes = file.result.notes;
  return json::Object{{"kind", kKind},
                      {"format", kFormat},
                      {"version", std::string(version())},
                      {"program", file.program},
                      {"buildId", file.buildId},
                      {"strategy", file.strategy},
                      {"points", file.points},
                      {"seed", file.seed},
                      {"shard", json::Object{{"index", file.shard.index}, {"count", file.shard.count}}},
                      {"made", file.made},
                      {"runs", file.result.runs},
                      {"mostSteps", file.result.mostSteps},
                      {"mostThreads", file.result.mostThreads},
                      {"recordedBytes", file.result.recordedBytes},
                      {"elapsedMillis", static_cast<std::int64_t>(file.result.elapsed.count())},
                      {"coverage", file.result.coverage},
                      {"found", std::move(found)},
                      {"report", toJson(report)}};
}

std::string textOf(const json::Object& object, llvm::StringRef name) { return object.getString(name).value_or("").str(); }

std::uint64_t numberOf(const json::Object& object, llvm::StringRef name) {
  const json::Value* value = object.get(name);
  return value ? value->getAsUINT64().value_or(0) : 0;
}

bool readFailures(const json::Object& object, ExplorationFile& file) {
  const json::Value* report = object.get("report");
  const json::Array* found = object.getArray("found");
  if (!report || !found) return false;
  auto parsed = fromJson(*report);
  if (!parsed) return llvm::consumeError(parsed.takeError()), false;
  if (parsed->findings.size() != found->size()) return false;
  file.result.notes = parsed->notes;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const json::Object* how = (*found)[i].getAsObject();
    if (!how) return false;
    ExploredFailure failure{std::move(parsed->findings[i]), textOf(*how, "strategy"), numberOf(*how, "deviations"),
                            numberOf(*how, "deviationsLeft"), {}};
    if (const json::Array* story = how->getArray("story"))
      for (const json::Value& line : *story) failure.story.push_back(line.getAsString().value_or("").str());
    file.result.failures.push_back(std::move(failure));
  }
  return true;
}

/// Found first: in which schedule; in the same one, all shards find the same.
auto rank(const ExploredFailure& failure) {
  return std::tuple(failure.finding.verdict.attempts, failureKey(failure.finding), failure.deviationsLeft,
                    failure.finding.verdict.recording);
}

}  // namespace

std::string explorationPath(const std::string& folder, const Shard& shard) {
  const std::string part =
      shard.count == 1 ? "" : "-" + std::to_string(shard.index + 1) + "-of-" + std::to_string(shard.count);
  return folder + "/exploration" + part + ".json";
}

llvm::Error writeExploration(const ExplorationFile& file, const std::string& path) {
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (!error) {
    out << llvm::formatv("{0:2}", toJson(file)) << '\n';
    out.close();
    error = out.error();
    out.clear_error();
  }
  if (error) return failure("cannot write '", path, "': ", error.message());
  return llvm::Error::success();
}

llvm::Expected<ExplorationFile> readExploration(const std::string& path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer) return failure("cannot read '", path, "': ", buffer.getError().message());
  auto value = json::parse((*buffer)->getBuffer());
  if (!value) llvm::consumeError(value.takeError());
  const json::Object* object = value ? value->getAsObject() : nullptr;
  ExplorationFile file;
  const json::Object* shard = object ? object->getObject("shard") : nullptr;
  if (!object || textOf(*object, "kind") != kKind || object->getInteger("format") != kFormat || !shard ||
      !readFailures(*object, file))
    return failure("'", path, "' holds no exploration of this deadheat");
  file.program = textOf(*object, "program");
  file.buildId = textOf(*object, "buildId");
  file.strategy = textOf(*object, "strategy");
  file.points = textOf(*object, "points");
  file.seed = numberOf(*object, "seed");
  file.shard = {numberOf(*shard, "index"), numberOf(*shard, "count")};
  file.made = numberOf(*object, "made");
  file.result.runs = numberOf(*object, "runs");
  file.result.mostSteps = numberOf(*object, "mostSteps");
  file.result.mostThreads = numberOf(*object, "mostThreads");
  file.result.recordedBytes = numberOf(*object, "recordedBytes");
  file.result.elapsed = std::chrono::milliseconds(numberOf(*object, "elapsedMillis"));
  file.result.coverage = textOf(*object, "coverage");
  return file;
}

llvm::Expected<ExplorationFile> mergeExplorations(std::vector<ExplorationFile> files) {
  ExplorationFile merged = files.front();
  merged.shard = {};
  merged.result = {};
  merged.made = 0;
  std::map<std::string, ExploredFailure> first;
  for (ExplorationFile& file : files) {
    if (file.buildId != merged.buildId)
      return failure("'", file.program, "' was built anew between two of the explorations");
    merged.made += file.made;
    merged.result.runs += file.result.runs;
    merged.result.recordedBytes += file.result.recordedBytes;
    merged.result.elapsed += file.result.elapsed;
    merged.result.mostSteps = std::max(merged.result.mostSteps, file.result.mostSteps);
    merged.result.mostThreads = std::max(merged.result.mostThreads, file.result.mostThreads);
    for (const std::string& note : file.result.notes)
      if (std::find(merged.result.notes.begin(), merged.result.notes.end(), note) == merged.result.notes.end())
        merged.result.notes.push_back(note);
    for (ExploredFailure& failure : file.result.failures) {
      auto [known, fresh] = first.try_emplace(failureKey(failure.finding), failure);
      if (!fresh && rank(failure) < rank(known->second)) known->second = std::move(failure);
    }
  }
  std::sort(merged.result.notes.begin(), merged.result.notes.end());
  for (auto& [key, failure] : first)
    if (!isPrediction(key) || !first.count(keyOfConfirmed(key))) merged.result.failures.push_back(std::move(failure));
  std::sort(merged.result.failures.begin(), merged.result.failures.end(),
            [](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return merged;
}

}  // namespace deadheat
