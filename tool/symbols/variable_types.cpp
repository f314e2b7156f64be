#include "tool/symbols/variable_types.h"

#include "llvm/DebugInfo/DWARF/DWARFCompileUnit.h"
#include "llvm/DebugInfo/DWARF/DWARFContext.h"
#include "llvm/DebugInfo/DWARF/DWARFDie.h"
#include "llvm/Object/ObjectFile.h"
#include "tool/symbols/source_path.h"

namespace deadheat {
namespace {

namespace dwarf = llvm::dwarf;
using llvm::DWARFDie;

constexpr unsigned kDeepestType = 16;

/// The type below typedefs and qualifiers.
DWARFDie stripped(DWARFDie type) {
  while (type && (type.getTag() == dwarf::DW_TAG_typedef || type.getTag() == dwarf::DW_TAG_const_type ||
                  type.getTag() == dwarf::DW_TAG_volatile_type || type.getTag() == dwarf::DW_TAG_atomic_type))
    type = type.getAttributeValueAsReferencedDie(dwarf::DW_AT_type);
  return type;
}

DWARFDie typeOf(const DWARFDie& die) { return stripped(die.getAttributeValueAsReferencedDie(dwarf::DW_AT_type)); }

std::uint64_t sizeOf(DWARFDie type) {
  return type ? type.getTypeSize(type.getDwarfUnit()->getAddressByteSize()).value_or(0) : 0;
}

bool isClass(const DWARFDie& type) {
  return type.getTag() == dwarf::DW_TAG_structure_type || type.getTag() == dwarf::DW_TAG_class_type;
}

bool isSystemType(const DWARFDie& type) {
  return isSystemSource(type.getDeclFile(llvm::DILineInfoSpecifier::FileLineInfoKind::AbsoluteFilePath));
}

std::uint64_t memberOffset(const DWARFDie& member) {
  return dwarf::toUnsigned(member.find(dwarf::DW_AT_data_member_location), 0);
}

std::string partOf(DWARFDie type, std::uint64_t offset, unsigned depth);

/// The member or base of a class that `offset` is in; one of unknown size reaches to the next.
DWARFDie memberAt(const DWARFDie& type, std::uint64_t offset) {
  DWARFDie best;
  for (const DWARFDie& child : type.children()) {
    const bool part = child.getTag() == dwarf::DW_TAG_inheritance || child.getTag() == dwarf::DW_TAG_member;
    if (!part || !child.find(dwarf::DW_AT_data_member_location) || memberOffset(child) > offset) continue;
    const std::uint64_t size = sizeOf(typeOf(child));
    if (size && offset >= memberOffset(child) + size) continue;
    if (!best || memberOffset(child) > memberOffset(best)) best = child;
  }
  return best;
}

std::string memberPart(const DWARFDie& type, std::uint64_t offset, unsigned depth) {
  const DWARFDie member = memberAt(type, offset);
  if (!member) return {};
  const char* name = member.getTag() == dwarf::DW_TAG_member ? member.getName(llvm::DINameKind::ShortName) : nullptr;
  return (name ? "." + std::string(name) : "") + partOf(typeOf(member), offset - memberOffset(member), depth + 1);
}

std::string partOf(DWARFDie type, std::uint64_t offset, unsigned depth) {
  if (!type || depth > kDeepestType) return {};
  if (type.getTag() == dwarf::DW_TAG_array_type) {
    const DWARFDie element = typeOf(type);
    const std::uint64_t size = sizeOf(element);
    if (size == 0) return "[]";
    return "[" + std::to_string(offset / size) + "]" + partOf(element, offset % size, depth + 1);
  }
  return isClass(type) && !isSystemType(type) ? memberPart(type, offset, depth) : std::string();
}

}  // namespace

struct VariableTypes::Module {
  llvm::object::OwningBinary<llvm::object::ObjectFile> object;
  std::unique_ptr<llvm::DWARFContext> context;
};

VariableTypes::VariableTypes() = default;
VariableTypes::~VariableTypes() = default;

VariableTypes::Part VariableTypes::partAt(const std::string& modulePath, std::uint64_t address,
                                          std::uint64_t offset) {
  auto [found, added] = modules_.try_emplace(modulePath);
  if (added) {
    auto object = llvm::object::ObjectFile::createObjectFile(modulePath);
    if (!object) return llvm::consumeError(object.takeError()), Part{};
    found->second = std::make_unique<Module>(Module{std::move(*object), nullptr});
    found->second->context = llvm::DWARFContext::create(*found->second->object.getBinary());
  }
  if (!found->second) return {};
  llvm::DWARFCompileUnit* unit = found->second->context->getCompileUnitForDataAddress(address);
  DWARFDie variable = unit ? unit->getVariableForAddress(address) : DWARFDie();
  if (!variable) return {};
  if (!variable.find(dwarf::DW_AT_type)) variable = variable.getAttributeValueAsReferencedDie(dwarf::DW_AT_specification);
  if (!variable) return {};
  return {true, partOf(typeOf(variable), offset, 0)};
}

}  // namespace deadheat
