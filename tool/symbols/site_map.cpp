#include "tool/symbols/site_map.h"

#include <algorithm>
#include <map>

#include "llvm/DebugInfo/DWARF/DWARFContext.h"
#include "llvm/DebugInfo/DWARF/DWARFDebugLine.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Object/ObjectFile.h"
#include "tool/symbols/failure.h"
#include "tool/symbols/source_path.h"

namespace deadheat {
namespace {

using llvm::DWARFDebugLine;
using llvm::DWARFDie;
using llvm::DWARFUnit;
using llvm::object::ObjectFile;

/// Where code is: linkers leave the debug entries of dropped functions at address 0 or 1.
CodeRange executableRange(const ObjectFile& object) {
  CodeRange range{UINT64_MAX, 0};
  for (const llvm::object::SectionRef& section : object.sections()) {
    if (!section.isText()) continue;
    range.begin = std::min(range.begin, section.getAddress());
    range.end = std::max(range.end, section.getAddress() + section.getSize());
  }
  return range;
}

void sortAndMerge(std::vector<CodeRange>& ranges) {
  std::sort(ranges.begin(), ranges.end());
  std::vector<CodeRange> merged;
  for (const CodeRange& range : ranges) {
    if (!merged.empty() && range.begin <= merged.back().end)
      merged.back().end = std::max(merged.back().end, range.end);
    else
      merged.push_back(range);
  }
  ranges = std::move(merged);
}

/// Collects the ranges of all points of one module.
class SiteMapper {
 public:
  SiteMapper(const ObjectFile& object, const std::vector<SourcePoint>& points)
      : context_(llvm::DWARFContext::create(object)), code_(executableRange(object)), points_(points),
        result_(points.size()) {}

  std::vector<SiteRanges> map() {
    collectFiles();
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (!matches_.count(points_[i].file)) matches_[points_[i].file] = namesOf(points_[i].file);
      for (const std::string& name : matches_[points_[i].file]) pointsIn_[name].push_back(i);
    }
    for (Unit& unit : units_) {
      addRows(unit);
      addInlinedCalls(unit);
    }
    for (SiteRanges& site : result_) {
      sortAndMerge(site.line);
      sortAndMerge(site.column);
    }
    return std::move(result_);
  }

 private:
  struct Unit {
    DWARFUnit* dwarf;
    const DWARFDebugLine::LineTable* table;
    std::map<std::uint64_t, std::string> files;  ///< By index in the line table.
  };

  void collectFiles() {
    for (const auto& unit : context_->compile_units()) {
      const auto* table = context_->getLineTableForUnit(unit.get());
      if (!table) continue;
      Unit& added = units_.emplace_back(Unit{unit.get(), table, {}});
      const char* directory = unit->getCompilationDir();
      const std::uint64_t last = table->getLastValidFileIndex().value_or(0);
      for (std::uint64_t i = 0; i <= last; ++i) {
        std::string name;
        if (!table->hasFileAtIndex(i) ||
            !table->getFileNameByIndex(i, directory ? directory : "",
                                       llvm::DILineInfoSpecifier::FileLineInfoKind::AbsoluteFilePath, name))
          continue;
        name = normalisedPath(name);
        added.files[i] = name;
        if (seen_.emplace(name, true).second) names_.push_back(name);
      }
    }
  }

  std::vector<std::string> namesOf(const std::string& file) const {
    std::vector<std::string> matched;
    for (std::size_t index : matchSource(file, names_)) matched.push_back(names_[index]);
    return matched;
  }

  const std::vector<std::size_t>* pointsInFile(const Unit& unit, std::uint64_t file) const {
    auto name = unit.files.find(file);
    if (name == unit.files.end()) return nullptr;
    auto points = pointsIn_.find(name->second);
    return points == pointsIn_.end() ? nullptr : &points->second;
  }

  void add(const std::vector<std::size_t>& candidates, std::uint64_t line, std::uint64_t column, CodeRange range) {
    if (range.begin >= range.end || range.begin < code_.begin || range.end > code_.end) return;
    for (std::size_t index : candidates) {
      const SourcePoint& point = points_[index];
      if (point.line != line) continue;
      result_[index].line.push_back(range);
      if (point.column != 0 && point.column == column) result_[index].column.push_back(range);
    }
  }

  void addRows(const Unit& unit) {
    for (const auto& sequence : unit.table->Sequences) {
      for (unsigned i = sequence.FirstRowIndex; i + 1 < sequence.LastRowIndex; ++i) {
        const auto& row = unit.table->Rows[i];
        const std::vector<std::size_t>* candidates = row.EndSequence ? nullptr : pointsInFile(unit, row.File);
        if (candidates)
          add(*candidates, row.Line, row.Column, {row.Address.Address, unit.table->Rows[i + 1].Address.Address});
      }
    }
  }

  void addInlinedCalls(const Unit& unit) {
    if (std::none_of(unit.files.begin(), unit.files.end(), [&](auto& file) { return pointsIn_.count(file.second); }))
      return;
    DWARFDie root = unit.dwarf->getNonSkeletonUnitDIE(/*ExtractUnitDIEOnly=*/false);
    if (!root) return;
    for (const auto& entry : root.getDwarfUnit()->dies()) {
      DWARFDie die(root.getDwarfUnit(), &entry);
      if (die.getTag() == llvm::dwarf::DW_TAG_inlined_subroutine) addInlinedCall(unit, die);
    }
  }

  void addInlinedCall(const Unit& unit, const DWARFDie& die) {
    std::uint32_t file = 0, line = 0, column = 0, discriminator = 0;
    die.getCallerFrame(file, line, column, discriminator);
    const std::vector<std::size_t>* candidates = pointsInFile(unit, file);
    if (!candidates) return;
    auto ranges = die.getAddressRanges();
    if (!ranges) return llvm::consumeError(ranges.takeError());
    for (const llvm::DWARFAddressRange& range : *ranges) add(*candidates, line, column, {range.LowPC, range.HighPC});
  }

  std::unique_ptr<llvm::DWARFContext> context_;
  CodeRange code_;
  const std::vector<SourcePoint>& points_;
  std::vector<SiteRanges> result_;
  std::vector<Unit> units_;
  std::map<std::string, bool> seen_;
  std::vector<std::string> names_;
  std::map<std::string, std::vector<std::string>> matches_;     ///< Point's file to names in the debug information.
  std::map<std::string, std::vector<std::size_t>> pointsIn_;    ///< Those names to the points in them.
};

}  // namespace

llvm::Expected<std::vector<SiteRanges>> mapSites(const std::string& modulePath,
                                                 const std::vector<SourcePoint>& points) {
  auto object = ObjectFile::createObjectFile(modulePath);
  if (!object)
    return failure("cannot read debug information of '", modulePath, "': ", llvm::toString(object.takeError()));
  return SiteMapper(*object->getBinary(), points).map();
}

}  // namespace deadheat
