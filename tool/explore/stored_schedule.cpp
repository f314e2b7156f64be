#include "tool/explore/stored_schedule.h"

#include <algorithm>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "tool/symbols/failure.h"
#include "tool/version.h"

namespace deadheat {
namespace {

namespace json = llvm::json;

constexpr char kKind[] = "deadheat schedule";
constexpr std::int64_t kFormat = 1;

std::string hex(std::uint64_t number) { return llvm::utohexstr(number, /*LowerCase=*/true); }

json::Array texts(const std::vector<std::string>& list) {
  json::Array array;
  for (const std::string& text : list) array.push_back(text);
  return array;
}

const char* kindText(protocol::DeviationKind kind) {
  if (kind == protocol::DeviationKind::Choose) return "choose";
  return kind == protocol::DeviationKind::Wake ? "wake" : "switch";
}

protocol::DeviationKind kindOf(llvm::StringRef text) {
  if (text == "choose") return protocol::DeviationKind::Choose;
  return text == "wake" ? protocol::DeviationKind::Wake : protocol::DeviationKind::Switch;
}

json::Object deviationJson(const PlannedDeviation& deviation) {
  json::Object object{{"kind", kindText(deviation.kind)},
                      {"thread", deviation.thread},
                      {"chosen", deviation.chosen},
                      {"occurrence", deviation.occurrence},
                      {"step", deviation.step},
                      {"hash", hex(deviation.hash)}};
  if (deviation.module) {
    object["module"] = *deviation.module;
    object["offset"] = hex(deviation.offset);
  }
  return object;
}

json::Object anchorJson(const Anchor& anchor) {
  return json::Object{{"file", anchor.file},
                      {"line", anchor.line},
                      {"function", anchor.function},
                      {"text", json::fixUTF8(anchor.text)},
                      {"rank", anchor.rank}};
}

/// "thread module offset hash"; no module: "-".
std::string trailText(const TrailStep& step) {
  return std::to_string(step.thread) + " " + (step.module ? std::to_string(*step.module) : "-") + " " + hex(step.offset) + " " +
         hex(step.hash);
}

std::optional<TrailStep> trailStep(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 4> parts;
  text.split(parts, ' ');
  TrailStep step;
  std::uint32_t module = 0;
  if (parts.size() != 4 || parts[0].getAsInteger(10, step.thread) || parts[2].getAsInteger(16, step.offset) ||
      parts[3].getAsInteger(16, step.hash))
    return std::nullopt;
  if (parts[1] == "-") return step;
  if (parts[1].getAsInteger(10, module)) return std::nullopt;
  step.module = module;
  return step;
}

json::Object moduleJson(const PlannedModule& module) {
  return json::Object{{"name", module.path}, {"buildId", llvm::toHex(module.buildId, /*LowerCase=*/true)}};
}

json::Object siteJson(const PlannedSite& site) {
  return json::Object{{"kind", static_cast<std::uint64_t>(site.kind)}, {"component", site.component}};
}

json::Object rangeJson(const PlannedRange& range) {
  return json::Object{
      {"module", range.module}, {"site", range.site}, {"begin", hex(range.code.begin)}, {"end", hex(range.code.end)}};
}

json::Value toJson(const StoredSchedule& stored) {
  json::Array modules, deviations, sites, ranges, anchors, siteAnchors, trail;
  for (const Anchor& anchor : stored.anchors) anchors.push_back(anchorJson(anchor));
  for (const Anchor& anchor : stored.siteAnchors) siteAnchors.push_back(anchorJson(anchor));
  for (const TrailStep& step : stored.trail.steps) trail.push_back(trailText(step));
  for (const PlannedSite& site : stored.sites) sites.push_back(siteJson(site));
  for (const PlannedRange& range : stored.ranges) ranges.push_back(rangeJson(range));
  for (const PlannedModule& module : stored.modules) modules.push_back(moduleJson(module));
  for (const PlannedDeviation& deviation : stored.schedule.deviations) deviations.push_back(deviationJson(deviation));
  return json::Object{
      {"kind", kKind},
      {"format", kFormat},
      {"version", std::string(version())},
      {"protocol", std::uint64_t{protocol::kProtocolVersion}},
      {"program", stored.program},
      {"arguments", texts(stored.arguments)},
      {"failure",
       json::Object{{"check", stored.check}, {"message", stored.message}, {"key", stored.key}, {"ending", stored.ending}}},
      {"found", json::Object{{"by", stored.foundBy}, {"in", stored.foundIn}, {"deviations", stored.deviationsFound}}},
      {"story", texts(stored.story)},
      {"points", static_cast<std::uint64_t>(stored.schedule.points)},
      {"mostSteps", stored.schedule.mostSteps},
      {"startSeconds", stored.schedule.startSeconds},
      {"spurious", stored.schedule.spurious},
      {"expectedExit", stored.expectedExit},
      {"expectedOutput", stored.expectedOutput},
      {"runtimeOptions", stored.runtimeOptions},
      {"sites", std::move(sites)},
      {"ranges", std::move(ranges)},
      {"steps", stored.steps},
      {"hash", hex(stored.hash)},
      {"modules", std::move(modules)},
      {"deviations", std::move(deviations)},
      {"anchors", std::move(anchors)},
      {"siteAnchors", std::move(siteAnchors)},
      {"stride", stored.trail.stride},
      {"trail", std::move(trail)}};
}

/// Reads members one after the other; remembers that one was missing or of another type.
class Reader {
 public:
  explicit Reader(const json::Object& object) : object_(object) {}

  std::uint64_t number(llvm::StringRef name) {
    auto value = object_.getInteger(name);
    ok_ &= value.has_value();
    return static_cast<std::uint64_t>(value.value_or(0));
  }
  std::string text(llvm::StringRef name) {
    auto value = object_.getString(name);
    ok_ &= value.has_value();
    return value.value_or("").str();
  }
  std::uint64_t hex(llvm::StringRef name) {
    std::uint64_t number = 0;
    ok_ &= !llvm::StringRef(text(name)).getAsInteger(16, number);
    return number;
  }
  std::vector<std::string> texts(llvm::StringRef name) {
    std::vector<std::string> list;
    const json::Array* array = object_.getArray(name);
    ok_ &= array != nullptr;
    if (array)
      for (const json::Value& value : *array) list.push_back(value.getAsString().value_or("").str());
    return list;
  }
  template <typename Visit>
  void each(llvm::StringRef name, Visit visit) {
    const json::Array* array = object_.getArray(name);
    ok_ &= array != nullptr;
    if (!array) return;
    for (const json::Value& value : *array) {
      const json::Object* object = value.getAsObject();
      ok_ &= object != nullptr;
      if (!object) continue;
      Reader reader(*object);
      visit(reader);
      ok_ &= reader.ok_;
    }
  }
  bool has(llvm::StringRef name) const { return object_.get(name) != nullptr; }
  bool ok() const { return ok_; }

 private:
  const json::Object& object_;
  bool ok_ = true;
};

PlannedModule readModule(Reader& in) {
  PlannedModule module{in.text("name"), {}};
  std::string bytes;
  if (llvm::tryGetFromHex(in.text("buildId"), bytes)) module.buildId.assign(bytes.begin(), bytes.end());
  return module;
}

PlannedDeviation readDeviation(Reader& in) {
  PlannedDeviation deviation;
  deviation.kind = kindOf(in.text("kind"));
  deviation.thread = static_cast<std::uint32_t>(in.number("thread"));
  deviation.chosen = static_cast<std::uint32_t>(in.number("chosen"));
  if (in.has("module")) {
    deviation.module = static_cast<std::uint32_t>(in.number("module"));
    deviation.offset = in.hex("offset");
  }
  deviation.occurrence = in.number("occurrence");
  deviation.step = in.number("step");
  deviation.hash = in.hex("hash");
  return deviation;
}

PlannedSite readSite(Reader& in) {
  return {static_cast<protocol::SiteKind>(in.number("kind")), static_cast<std::uint32_t>(in.number("component"))};
}

Anchor readAnchor(Reader& in) {
  return {in.text("file"), static_cast<std::uint32_t>(in.number("line")), in.text("function"), in.text("text"),
          static_cast<std::uint32_t>(in.number("rank"))};
}

PlannedRange readRange(Reader& in) {
  return {static_cast<std::uint32_t>(in.number("module")), static_cast<std::uint32_t>(in.number("site")),
          {in.hex("begin"), in.hex("end")}};
}

bool fromJson(Reader& in, StoredSchedule& out) {
  out.program = in.text("program");
  out.arguments = in.texts("arguments");
  out.story = in.texts("story");
  out.schedule.points = static_cast<protocol::SchedulePoints>(in.number("points"));
  out.schedule.mostSteps = in.number("mostSteps");
  out.schedule.startSeconds = in.number("startSeconds");
  out.schedule.spurious = in.number("spurious");
  out.schedule.strict = true;
  out.expectedOutput = in.text("expectedOutput");
  out.runtimeOptions = in.text("runtimeOptions");
  in.each("sites", [&](Reader& site) { out.sites.push_back(readSite(site)); });
  in.each("ranges", [&](Reader& range) { out.ranges.push_back(readRange(range)); });
  out.expectedExit = static_cast<int>(in.number("expectedExit"));
  out.steps = in.number("steps");
  out.hash = in.hex("hash");
  in.each("modules", [&](Reader& module) { out.modules.push_back(readModule(module)); });
  in.each("deviations", [&](Reader& entry) { out.schedule.deviations.push_back(readDeviation(entry)); });
  in.each("anchors", [&](Reader& anchor) { out.anchors.push_back(readAnchor(anchor)); });
  in.each("siteAnchors", [&](Reader& anchor) { out.siteAnchors.push_back(readAnchor(anchor)); });
  out.trail.stride = in.number("stride");
  for (const std::string& text : in.texts("trail")) {
    const auto step = trailStep(text);
    if (!step) return false;
    out.trail.steps.push_back(*step);
  }
  for (const PlannedDeviation& deviation : out.schedule.deviations)
    if (deviation.module && *deviation.module >= out.modules.size()) return false;
  for (const PlannedRange& range : out.ranges)
    if (range.module >= out.modules.size() || range.site >= out.sites.size()) return false;
  return in.ok();
}

}  // namespace

PlannedDeviation plannedDeviation(const RecordedDeviation& from, const Recording& recording,
                                  std::vector<PlannedModule>& modules) {
  PlannedDeviation to{from.kind, from.thread, from.chosen, std::nullopt, 0, from.occurrence, from.step, from.hash};
  if (const RecordedModule* module = from.pc == 0 ? nullptr : recording.moduleAt(from.pc)) {
    to.module = moduleNumber(modules, *module);
    to.offset = from.pc - module->base;
  }
  return to;
}

llvm::Expected<StoredSchedule> storedSchedule(const Recording& recording, const Plan& plan) {
  if (!recording.schedule) return failure("the run recorded no schedule: the program was built with another deadheat");
  StoredSchedule stored;
  stored.modules = plan.modules;
  for (PlannedModule& module : stored.modules) module.path = llvm::sys::path::filename(module.path).str();
  stored.sites = plan.sites;
  stored.ranges = plan.ranges;
  stored.schedule = *plan.schedule;
  stored.schedule.strategy = protocol::ScheduleStrategy::Replay;
  stored.schedule.strict = true;
  stored.schedule.deviations.clear();
  stored.steps = recording.schedule->steps;
  stored.hash = recording.schedule->hash;
  for (const RecordedDeviation& from : recording.schedule->deviations)
    stored.schedule.deviations.push_back(plannedDeviation(from, recording, stored.modules));
  return stored;
}

Plan replayPlan(const StoredSchedule& stored, bool strict) {
  Plan plan;
  plan.mode = protocol::PlanMode::Control;
  plan.modules = stored.modules;
  plan.sites = stored.sites;
  plan.ranges = stored.ranges;
  plan.schedule = stored.schedule;
  plan.schedule->strict = strict;
  plan.schedule->trail = strict ? stored.trail : Trail{};
  return plan;
}

llvm::Error writeStoredSchedule(const StoredSchedule& stored, const std::string& path) {
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (!error) {
    out << llvm::formatv("{0:2}", toJson(stored)) << '\n';
    out.close();
    error = out.error();
    out.clear_error();
  }
  if (error) return failure("cannot write '", path, "': ", error.message());
  return llvm::Error::success();
}

llvm::Expected<StoredSchedule> readStoredSchedule(const std::string& path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer) return failure("cannot read '", path, "': ", buffer.getError().message());
  auto value = json::parse((*buffer)->getBuffer());
  if (!value) {
    llvm::consumeError(value.takeError());
    return failure("'", path, "' is no schedule of `deadheat explore`");
  }
  const json::Object* object = value->getAsObject();
  if (!object || object->getString("kind") != llvm::StringRef(kKind))
    return failure("'", path, "' is no schedule of `deadheat explore`");
  if (object->getInteger("format") != kFormat ||
      object->getInteger("protocol") != static_cast<std::int64_t>(protocol::kProtocolVersion))
    return failure("'", path, "' was made by another version of deadheat (", object->getString("version").value_or("?"),
                   "): explore again");
  StoredSchedule stored;
  Reader reader(*object);
  bool complete = fromJson(reader, stored);
  const json::Object* failed = object->getObject("failure");
  const json::Object* found = object->getObject("found");
  if (!complete || !failed || !found) return failure("'", path, "' is damaged");
  Reader inFailure(*failed), inFound(*found);
  stored.check = inFailure.text("check");
  stored.message = inFailure.text("message");
  stored.key = inFailure.text("key");
  stored.ending = inFailure.text("ending");
  stored.foundBy = inFound.text("by");
  stored.foundIn = inFound.number("in");
  stored.deviationsFound = inFound.number("deviations");
  if (!inFailure.ok() || !inFound.ok()) return failure("'", path, "' is damaged");
  return stored;
}

}  // namespace deadheat
