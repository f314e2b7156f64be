#include "plugin/targets.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

cl::opt<std::string> targetsFile("deadheat-targets", cl::Hidden,
                                 cl::desc("instrument only accesses at the places of this findings file"));
/// Nobody reads it: it makes command lines differ where the places do, for caches of compilations.
cl::opt<std::string> targetsDigest("deadheat-targets-digest", cl::Hidden, cl::desc("of the places in the file"));

json::Value parse(const std::string& path) {
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer) report_fatal_error(Twine("deadheat: cannot read ") + path + ": " + buffer.getError().message(), false);
  auto value = json::parse((*buffer)->getBuffer());
  if (!value) report_fatal_error(Twine("deadheat: ") + path + ": " + toString(value.takeError()), false);
  return std::move(*value);
}

SmallVector<StringRef, 16> componentsOf(StringRef path) {
  SmallVector<StringRef, 16> components;
  path.split(components, '/', -1, /*KeepEmpty=*/false);
  return components;
}

std::string normalised(StringRef path) {
  SmallString<256> text(path);
  sys::path::remove_dots(text, /*remove_dot_dot=*/true);
  return std::string(text);
}

std::string pathOf(const DIFile& file) {
  SmallString<256> path(file.getFilename());
  if (!sys::path::is_absolute(path)) {
    path = file.getDirectory();
    sys::path::append(path, file.getFilename());
  }
  return std::string(path);
}

}  // namespace

bool sameSource(StringRef a, StringRef b) {
  std::string left = normalised(a), right = normalised(b);
  if (left == right) return true;
  SmallVector<StringRef, 16> x = componentsOf(left), y = componentsOf(right);
  std::size_t most = std::min(x.size(), y.size()), common = 0;
  while (common < most && x[x.size() - 1 - common] == y[y.size() - 1 - common]) ++common;
  bool whole =
      (common == x.size() && !sys::path::is_absolute(left)) || (common == y.size() && !sys::path::is_absolute(right));
  return common >= 2 || (whole && common == 1);
}

Targets* Targets::ofThisBuild() {
  if (targetsFile.empty()) return nullptr;
  static Targets* targets = new Targets(parse(targetsFile));
  return targets;
}

Targets::Targets(const json::Value& findings) {
  const json::Object* report = findings.getAsObject();
  const json::Array* all = report == nullptr ? nullptr : report->getArray("findings");
  if (all == nullptr) report_fatal_error("deadheat: not a findings file", false);
  for (const json::Value& finding : *all)
    if (const json::Object* object = finding.getAsObject()) {
      add(*object, "sites");
      add(*object, "places");
    }
}

void Targets::add(const json::Object& finding, StringRef member) {
  const json::Array* sites = finding.getArray(member);
  if (sites == nullptr) return;
  for (const json::Value& site : *sites) {
    const json::Object* object = site.getAsObject();
    const json::Object* point = object == nullptr ? nullptr : object->getObject("point");
    if (point == nullptr || object->getString("kind") == StringRef("acquire")) continue;
    auto file = point->getString("file");
    auto line = point->getInteger("line");
    if (file && line) lines_[*file].insert(static_cast<unsigned>(*line));
  }
}

const Targets::Lines& Targets::linesOf(const DIFile* file) {
  auto [found, fresh] = ofFiles_.try_emplace(file);
  if (!fresh) return found->second;
  for (const auto& [name, lines] : lines_)
    if (sameSource(name, pathOf(*file))) found->second.insert(lines.begin(), lines.end());
  return found->second;
}

bool Targets::has(const Instruction& instruction) {
  for (const DILocation* place = instruction.getDebugLoc(); place != nullptr; place = place->getInlinedAt()) {
    const Lines& lines = linesOf(place->getFile());
    if (!lines.empty() && lines.count(place->getLine()) != 0) return true;
  }
  return false;
}

bool Targets::touch(const Function& function) {
  for (const BasicBlock& block : function)
    for (const Instruction& instruction : block)
      if (has(instruction)) return true;
  return false;
}

}  // namespace deadheat::pass
