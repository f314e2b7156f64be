// How model files are written in YAML: the words of models.h and their spelling. Used by models.cpp only.
#pragma once

#include <string>
#include <vector>

#include "analyzers/models/models.h"
#include "llvm/Support/YAMLTraits.h"

namespace deadheat {

struct FunctionEntry {
  std::vector<std::string> names;
  FunctionModel model;
  bool objectSaid = false;
};

struct TypeEntry {
  std::vector<std::string> names;
  TypeModel model;
  std::vector<FunctionEntry> methods;
};

struct ModelFile {
  std::vector<TypeEntry> types;
  std::vector<FunctionEntry> functions;
};

}  // namespace deadheat

LLVM_YAML_IS_SEQUENCE_VECTOR(deadheat::FunctionEntry)
LLVM_YAML_IS_SEQUENCE_VECTOR(deadheat::TypeEntry)

namespace llvm::yaml {

template <>
struct ScalarEnumerationTraits<deadheat::TypeKind> {
  static void enumeration(IO& io, deadheat::TypeKind& value);
};
template <>
struct ScalarEnumerationTraits<deadheat::Effect> {
  static void enumeration(IO& io, deadheat::Effect& value);
};
template <>
struct ScalarEnumerationTraits<deadheat::Recursion> {
  static void enumeration(IO& io, deadheat::Recursion& value);
};
template <>
struct ScalarEnumerationTraits<deadheat::LockMode> {
  static void enumeration(IO& io, deadheat::LockMode& value);
};
template <>
struct ScalarEnumerationTraits<deadheat::LockWait> {
  static void enumeration(IO& io, deadheat::LockWait& value);
};
template <>
struct ScalarEnumerationTraits<deadheat::Success> {
  static void enumeration(IO& io, deadheat::Success& value);
};
template <>
struct ScalarEnumerationTraits<deadheat::GuardTag> {
  static void enumeration(IO& io, deadheat::GuardTag& value);
};
template <>
struct ScalarEnumerationTraits<deadheat::SpawnWhere> {
  static void enumeration(IO& io, deadheat::SpawnWhere& value);
};
template <>
struct MappingTraits<deadheat::FunctionEntry> {
  static void mapping(IO& io, deadheat::FunctionEntry& entry);
};
template <>
struct MappingTraits<deadheat::TypeEntry> {
  static void mapping(IO& io, deadheat::TypeEntry& entry);
};
template <>
struct MappingTraits<deadheat::ModelFile> {
  static void mapping(IO& io, deadheat::ModelFile& file);
};

}  // namespace llvm::yaml
