#include "tool/symbols/member_names.h"

#include <algorithm>
#include <set>

#include "llvm/DebugInfo/DWARF/DWARFContext.h"
#include "llvm/DebugInfo/DWARF/DWARFDie.h"
#include "llvm/Object/ObjectFile.h"
#include "tool/symbols/source_path.h"

namespace deadheat {
namespace {

namespace dwarf = llvm::dwarf;
using llvm::DWARFDie;

struct Member {
  std::string className;
  std::string name;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  ///< 0: unknown.
  std::uint64_t classSize = 0;
  auto operator<=>(const Member&) const = default;
  std::string qualified() const { return className + "::" + name; }
};

using MemberTable = std::multimap<std::string, Member>;  ///< By name.

bool isClass(const DWARFDie& die) {
  return die.getTag() == dwarf::DW_TAG_structure_type || die.getTag() == dwarf::DW_TAG_class_type;
}

std::string shortName(const DWARFDie& die) {
  const char* name = die.getName(llvm::DINameKind::ShortName);
  return name ? name : "";
}

/// With the namespaces and classes around it; unnamed namespaces do not show.
std::string qualifiedName(const DWARFDie& die) {
  std::string name = shortName(die);
  for (DWARFDie scope = die.getParent(); scope; scope = scope.getParent())
    if ((scope.getTag() == dwarf::DW_TAG_namespace || isClass(scope)) && !shortName(scope).empty())
      name = shortName(scope) + "::" + name;
  return name;
}

std::uint64_t typeSize(const DWARFDie& die) {
  DWARFDie type = die.getAttributeValueAsReferencedDie(dwarf::DW_AT_type);
  return type ? type.getTypeSize(type.getDwarfUnit()->getAddressByteSize()).value_or(0) : 0;
}

/// Classes of the runtime that was linked into the program: nobody's data.
bool isOurs(llvm::StringRef className) { return className.starts_with("deadheat::rt::"); }

void addMembers(const DWARFDie& type, MemberTable& members) {
  const std::string name = qualifiedName(type);
  if (isOurs(name)) return;
  const std::uint64_t size = dwarf::toUnsigned(type.find(dwarf::DW_AT_byte_size), 0);
  for (const DWARFDie& child : type.children()) {
    auto location = child.find(dwarf::DW_AT_data_member_location);
    if (child.getTag() != dwarf::DW_TAG_member || !location || shortName(child).empty()) continue;
    members.emplace(shortName(child),
                    Member{name, shortName(child), dwarf::toUnsigned(location, 0), typeSize(child), size});
  }
}

/// Whether the block is an object of the member's class, one behind the header of a shared allocation, or an array of
/// them, with the member at the offset.
bool liesAt(const Member& member, const BlockPart& part) {
  constexpr std::uint64_t kSharedHeader = 16;
  auto within = [&](std::uint64_t at) {
    return member.offset <= at && at < member.offset + std::max<std::uint64_t>(member.size, 1);
  };
  if (member.classSize == 0) return false;
  if (part.blockSize % member.classSize == 0) return within(part.offset % member.classSize);
  return part.blockSize == member.classSize + kSharedHeader && part.offset >= kSharedHeader &&
         within(part.offset - kSharedHeader);
}

/// Keeps those for which `fits` holds, unless none is left.
template <typename Predicate>
void prefer(std::vector<Member>& members, Predicate fits) {
  if (std::any_of(members.begin(), members.end(), fits))
    std::erase_if(members, [&](const Member& member) { return !fits(member); });
}

/// Members that the place mentions: the one at its column or whose method is called there, or all of the line.
std::set<std::string> membersAt(const SourcePoint& point, const MemberTable& members) {
  const LineNames names = namesAt(point);
  if (members.count(names.atColumn)) return {names.atColumn};
  if (members.count(names.calledOn)) return {names.calledOn};
  std::set<std::string> mentioned(names.all.begin(), names.all.end());
  std::erase_if(mentioned, [&](const std::string& name) { return !members.count(name); });
  return mentioned;
}

/// Members that all places mention.
std::set<std::string> commonMembers(const std::vector<MemoryUse>& uses, const MemberTable& members) {
  std::set<std::string> common;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    std::set<std::string> here = membersAt(uses[i].point, members);
    if (i > 0) std::erase_if(here, [&](const std::string& name) { return !common.count(name); });
    common = std::move(here);
  }
  return common;
}

}  // namespace

struct MemberNames::Module {
  MemberTable members;  ///< Of the user's classes only.
};

MemberNames::MemberNames() = default;
MemberNames::~MemberNames() = default;

MemberNames::Module& MemberNames::module(const std::string& path) {
  std::unique_ptr<Module>& module = modules_[path];
  if (module) return *module;
  module = std::make_unique<Module>();
  auto object = llvm::object::ObjectFile::createObjectFile(path);
  if (!object) return llvm::consumeError(object.takeError()), *module;
  auto context = llvm::DWARFContext::create(*object->getBinary());
  for (const auto& unit : context->compile_units()) {
    const DWARFDie root = unit->getNonSkeletonUnitDIE(/*ExtractUnitDIEOnly=*/false);
    if (!root) continue;
    for (const auto& entry : root.getDwarfUnit()->dies()) {
      const DWARFDie die(root.getDwarfUnit(), &entry);
      if (isClass(die) && !shortName(die).empty() &&
          !isSystemSource(die.getDeclFile(llvm::DILineInfoSpecifier::FileLineInfoKind::AbsoluteFilePath)))
        addMembers(die, module->members);
    }
  }
  return *module;
}

std::string MemberNames::find(const std::string& modulePath, const std::vector<MemoryUse>& uses, std::uint64_t size,
                              std::optional<BlockPart> part) {
  std::vector<Member> candidates;
  const MemberTable& members = module(modulePath).members;
  for (const std::string& name : commonMembers(uses, members)) {
    auto [begin, end] = members.equal_range(name);
    for (auto member = begin; member != end; ++member)
      if (member->second.size == 0 || size <= member->second.size) candidates.push_back(member->second);
  }
  if (part) prefer(candidates, [&](const Member& member) { return liesAt(member, *part); });
  prefer(candidates, [&](const Member& member) {
    return std::any_of(uses.begin(), uses.end(), [&](const MemoryUse& use) {
      return llvm::StringRef(use.function).starts_with(member.className + "::");
    });
  });
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end(),
                               [](const Member& a, const Member& b) { return a.qualified() == b.qualified(); }),
                   candidates.end());
  return candidates.size() == 1 ? candidates.front().qualified() : std::string();
}

}  // namespace deadheat
