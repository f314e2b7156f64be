#include "tool/symbols/symbolizer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/DebugInfo/Symbolize/Symbolize.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/Path.h"
#include "tool/symbols/binary.h"
#include "tool/symbols/source_path.h"

namespace deadheat {
namespace {

llvm::object::SectionedAddress sectioned(std::uint64_t offset) {
  return {offset, llvm::object::SectionedAddress::UndefSection};
}

llvm::symbolize::LLVMSymbolizer::Options symbolizerOptions() {
  llvm::symbolize::LLVMSymbolizer::Options options;
  options.Demangle = false;
  return options;
}

std::string known(const std::string& text) { return text == llvm::DILineInfo::BadString ? std::string() : text; }

Frame toFrame(const llvm::DILineInfo& line, const std::string& module, bool instrumented) {
  Frame frame;
  frame.function = readableFunction(known(line.FunctionName));
  frame.module = module;
  if (line.Line == 0) return frame;
  frame.point = {normalisedPath(known(line.FileName)), line.Line, line.Column};
  frame.user = instrumented && !frame.point.file.empty() && !isSystemSource(frame.point.file);
  return frame;
}

llvm::DIInliningInfo chainAt(llvm::symbolize::LLVMSymbolizer& symbolizer, const std::string& path, std::uint64_t offset) {
  auto chain = symbolizer.symbolizeInlinedCode(path, sectioned(offset));
  if (chain) return *chain;
  llvm::consumeError(chain.takeError());
  return {};
}

/// The optimiser gives no line to code it merged from several places; then the nearest code of the same function that
/// has one speaks for it.
llvm::DIInliningInfo inlinedAt(llvm::symbolize::LLVMSymbolizer& symbolizer, const std::string& path,
                               std::uint64_t offset) {
  constexpr std::uint64_t kNear = 48;
  const llvm::DIInliningInfo exact = chainAt(symbolizer, path, offset);
  const std::uint32_t depth = exact.getNumberOfFrames();
  if (depth == 0 || exact.getFrame(0).Line != 0) return exact;
  for (std::uint64_t distance = 1; distance <= kNear; ++distance) {
    for (std::uint64_t at : {offset + distance, offset - distance}) {
      const llvm::DIInliningInfo near = chainAt(symbolizer, path, at);
      const std::uint32_t frames = near.getNumberOfFrames();
      if (frames == 0 || near.getFrame(0).Line == 0) continue;
      if (near.getFrame(frames - 1).FunctionName == exact.getFrame(depth - 1).FunctionName) return near;
    }
  }
  return exact;
}

}  // namespace

std::string Frame::where() const {
  if (!point.file.empty()) return llvm::sys::path::filename(point.file).str() + ":" + std::to_string(point.line);
  if (!function.empty()) return function + " in " + module;
  return module.empty() ? "unknown code" : module;
}

Symbolizer::Symbolizer() : llvm_(std::make_unique<llvm::symbolize::LLVMSymbolizer>(symbolizerOptions())) {}
Symbolizer::~Symbolizer() = default;

const Symbolizer::Module& Symbolizer::module(const RecordedModule& recorded) {
  auto [found, added] = modules_.try_emplace(recorded.path);
  if (!added) return found->second;
  auto object = llvm::object::ObjectFile::createObjectFile(recorded.path);
  if (!object) {
    llvm::consumeError(object.takeError());
    return found->second;
  }
  std::vector<std::uint8_t> buildId = buildIdOf(*object->getBinary());
  buildId.resize(std::min(buildId.size(), recorded.buildId.size()));
  found->second.usable = buildId == recorded.buildId;
  return found->second;
}

const std::vector<Frame>& Symbolizer::lookUp(const RecordedModule& recorded, std::uint64_t offset) {
  auto [found, added] = cache_.try_emplace({recorded.path, offset});
  std::vector<Frame>& frames = found->second;
  if (!added) return frames;
  const std::string name = llvm::sys::path::filename(recorded.path).str();
  if (module(recorded).usable) {
    const llvm::DIInliningInfo inlined = inlinedAt(*llvm_, recorded.path, offset);
    for (std::uint32_t i = 0; i < inlined.getNumberOfFrames(); ++i)
      frames.push_back(toFrame(inlined.getFrame(i), name, recorded.instrumented));
  }
  if (frames.empty()) frames.push_back({{}, {}, name + "+0x" + llvm::utohexstr(offset, /*LowerCase=*/true), false});
  return frames;
}

std::vector<Frame> Symbolizer::framesAt(const Recording& recording, std::uint64_t address) {
  const RecordedModule* recorded = recording.moduleAt(address);
  if (!recorded) return {{{}, {}, "0x" + llvm::utohexstr(address, /*LowerCase=*/true), false}};
  return lookUp(*recorded, address - recorded->base);
}

std::vector<Frame> Symbolizer::frames(const Recording& recording, const RecordedStack& stack) {
  std::vector<Frame> all;
  for (std::size_t i = 0; i < stack.counters.size(); ++i) {
    const std::uint64_t counter = stack.counters[i];
    if (counter == 0) continue;
    std::vector<Frame> frames = framesAt(recording, i == 0 ? counter : counter - 1);
    all.insert(all.end(), frames.begin(), frames.end());
  }
  return all;
}

std::vector<Frame> Symbolizer::userFrames(const Recording& recording, const RecordedStack& stack) {
  std::vector<Frame> all = frames(recording, stack);
  std::erase_if(all, [](const Frame& frame) { return !frame.user; });
  return all;
}

std::string Symbolizer::variableAt(const Recording& recording, std::uint64_t address) {
  const RecordedModule* recorded = recording.moduleAt(address);
  if (!recorded || !module(*recorded).usable) return {};
  const std::uint64_t offset = address - recorded->base;
  auto global = llvm_->symbolizeData(recorded->path, sectioned(offset));
  if (!global) {
    llvm::consumeError(global.takeError());
    return {};
  }
  const std::string name = known(global->Name);
  if (name.empty() || offset < global->Start || (global->Size && offset >= global->Start + global->Size)) return {};
  const VariableTypes::Part part = types_.partAt(recorded->path, global->Start, offset - global->Start);
  if (part.known) return readableVariable(name) + part.text;
  return readableVariable(name) + (offset == global->Start ? "" : "+" + std::to_string(offset - global->Start));
}

std::string Symbolizer::memberUsed(const Recording& recording, const std::vector<RecordedStack>& users,
                                   std::uint64_t size, std::optional<BlockPart> part) {
  std::vector<MemoryUse> uses;
  const RecordedModule* module = nullptr;
  for (const RecordedStack& user : users) {
    const std::vector<Frame> frames = userFrames(recording, user);
    if (frames.empty()) continue;
    uses.push_back({frames.front().point, frames.front().function});
    for (std::uint64_t counter : user.counters) {
      const RecordedModule* here = recording.moduleAt(counter);
      if (!module && here && here->instrumented) module = here;
    }
  }
  return module ? members_.find(module->path, uses, size, part) : std::string();
}

}  // namespace deadheat
