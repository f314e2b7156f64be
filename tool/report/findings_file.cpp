#include "tool/report/findings_file.h"

#include <limits>

#include "llvm/Support/MemoryBuffer.h"
#include "tool/report/words.h"

// One reader a type; each reports the path of the first member that does not fit.
namespace deadheat {
namespace {

using llvm::json::Path;
using llvm::json::Value;

bool read(const Value& json, std::uint32_t& out, Path path) {
  auto number = json.getAsInteger();
  if (!number || *number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) {
    path.report("expected a number that fits 32 bits");
    return false;
  }
  out = static_cast<std::uint32_t>(*number);
  return true;
}

bool read(const Value& json, std::uint64_t& out, Path path) { return llvm::json::fromJSON(json, out, path); }
bool read(const Value& json, double& out, Path path) { return llvm::json::fromJSON(json, out, path); }
bool read(const Value& json, std::string& out, Path path) { return llvm::json::fromJSON(json, out, path); }

template <typename Enum>
requires std::is_enum_v<Enum>
bool read(const Value& json, Enum& out, Path path) {
  auto text = json.getAsString();
  auto value = text ? fromWord<Enum>(*text) : std::nullopt;
  if (!value) {
    path.report("expected a word of this format version");
    return false;
  }
  out = *value;
  return true;
}

bool read(const Value& json, SourcePoint& out, Path path);
bool read(const Value& json, Verdict& out, Path path);
bool read(const Value& json, AnalysisSummary& out, Path path);
bool read(const Value& json, WitnessStep& out, Path path);
bool read(const Value& json, WitnessThread& out, Path path);
bool read(const Value& json, Site& out, Path path);
bool read(const Value& json, Finding& out, Path path);
bool read(const Value& json, UnitFailure& out, Path path);

template <typename T>
bool read(const Value& json, std::vector<T>& out, Path path) {
  const llvm::json::Array* array = json.getAsArray();
  if (array == nullptr) {
    path.report("expected array");
    return false;
  }
  out.resize(array->size());
  for (std::size_t i = 0; i < array->size(); ++i)
    if (!read((*array)[i], out[i], path.index(static_cast<unsigned>(i)))) return false;
  return true;
}

/// Reads the members of one object; every member is required.
class Members {
 public:
  Members(const Value& json, Path path) : object_(json.getAsObject()), path_(path) {
    if (object_ == nullptr) path_.report("expected object");
  }

  template <typename T>
  bool take(llvm::StringLiteral name, T& out) {
    if (object_ == nullptr) return false;
    const Value* value = object_->get(name);
    if (value == nullptr) {
      path_.field(name).report("missing");
      return false;
    }
    return read(*value, out, path_.field(name));
  }

 private:
  const llvm::json::Object* object_;
  Path path_;
};

bool read(const Value& json, SourcePoint& out, Path path) {
  Members members(json, path);
  return members.take("file", out.file) && members.take("line", out.line) && members.take("column", out.column);
}

bool read(const Value& json, WitnessStep& out, Path path) {
  Members members(json, path);
  return members.take("kind", out.kind) && members.take("point", out.point) && members.take("function", out.function) &&
         members.take("text", out.text) && members.take("locks", out.locks) && members.take("order", out.order);
}

bool read(const Value& json, WitnessThread& out, Path path) {
  Members members(json, path);
  return members.take("name", out.name) && members.take("steps", out.steps);
}

bool read(const Value& json, Site& out, Path path) {
  Members members(json, path);
  return members.take("kind", out.kind) && members.take("point", out.point) && members.take("function", out.function) &&
         members.take("heldSince", out.heldSince);
}

bool read(const Value& json, Verdict& out, Path path) {
  Members members(json, path);
  return members.take("kind", out.kind) && members.take("proof", out.proof) && members.take("reason", out.reason) &&
         members.take("attempts", out.attempts) && members.take("reached", out.reached) &&
         members.take("recording", out.recording) && members.take("schedule", out.schedule) &&
         members.take("effect", out.effect) && members.take("interleaving", out.interleaving) &&
         members.take("lanes", out.lanes);
}

bool read(const Value& json, Finding& out, Path path) {
  Members members(json, path);
  return members.take("check", out.check) && members.take("message", out.message) &&
         members.take("location", out.location) && members.take("confidence", out.confidence) &&
         members.take("confidenceReason", out.confidenceReason) && members.take("subjects", out.subjects) &&
         members.take("functions", out.functions) && members.take("witness", out.witness) &&
         members.take("sites", out.sites) && members.take("places", out.places) &&
         members.take("fixHint", out.fixHint) &&
         members.take("verdict", out.verdict) && members.take("origin", out.origin);
}

bool read(const Value& json, UnitFailure& out, Path path) {
  Members members(json, path);
  return members.take("file", out.file) && members.take("reason", out.reason);
}

bool read(const Value& json, AnalysisSummary& out, Path path) {
  Members members(json, path);
  return members.take("unitsInDatabase", out.unitsInDatabase) && members.take("unitsSelected", out.unitsSelected) &&
         members.take("unitsAnalysed", out.unitsAnalysed) && members.take("unitsFromCache", out.unitsFromCache) &&
         members.take("functions", out.functions) &&
         members.take("failures", out.failures) && members.take("droppedFlags", out.droppedFlags) &&
         members.take("extractSeconds", out.extractSeconds) && members.take("linkSeconds", out.linkSeconds) &&
         members.take("checkSeconds", out.checkSeconds) && members.take("peakMemoryBytes", out.peakMemoryBytes) &&
         members.take("workerMemoryBytes", out.workerMemoryBytes);
}

bool read(const Value& json, Report& out, Path path) {
  Members members(json, path);
  return members.take("command", out.command) && members.take("root", out.root) &&
         members.take("analysis", out.analysis) && members.take("notes", out.notes) &&
         members.take("findings", out.findings);
}

llvm::Error checkHeader(const Value& json) {
  const llvm::json::Object* object = json.getAsObject();
  if (object == nullptr || object->getString("format") != "deadheat-findings")
    return llvm::createStringError(
        "not a findings file of deadheat (make one with `deadheat check --output=json:FILE`)");
  auto fileVersion = object->getInteger("version");
  if (fileVersion == kFindingsFormatVersion) return llvm::Error::success();
  std::string found = fileVersion ? std::to_string(*fileVersion) : "unknown";
  return llvm::createStringError("findings format version " + found + ", but this deadheat reads version " +
                                 std::to_string(kFindingsFormatVersion) + ": make the file again with this deadheat");
}

llvm::Error inFile(const std::string& file, llvm::Error error) {
  return llvm::createStringError(file + ": " + llvm::toString(std::move(error)));
}

}  // namespace

llvm::Expected<Report> fromJson(const llvm::json::Value& json) {
  if (llvm::Error error = checkHeader(json)) return std::move(error);
  Report report;
  Path::Root root("findings file");
  if (!read(json, report, root)) return root.getError();
  return report;
}

llvm::Expected<Report> readFindings(const std::string& file) {
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) return llvm::createStringError("cannot read findings file " + file + ": " + buffer.getError().message());
  llvm::StringRef text = (*buffer)->getBuffer();
  auto json = llvm::json::parse(text);
  if (!json) {
    bool looksLikeJson = text.trim().starts_with("{");
    std::string detail = llvm::toString(json.takeError());
    if (!looksLikeJson) return llvm::createStringError(file + ": not a findings file of deadheat (not JSON)");
    return llvm::createStringError(file + ": damaged or cut short, make it again (" + detail + ")");
  }
  auto report = fromJson(*json);
  if (!report) return inFile(file, report.takeError());
  return report;
}

}  // namespace deadheat
