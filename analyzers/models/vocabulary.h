// How model files are written in YAML: the words of models.h and their spelling. Used by models.cpp and the
// configuration.
#pragma once

#include <string>
#include <vector>

#include "analyzers/models/models.h"
#include "analyzers/models/yaml_text.h"

namespace deadheat {

struct FunctionEntry {
  std::vector<Name> names;
  FunctionModel model;
  bool objectSaid = false;
};

struct TypeEntry {
  std::vector<Name> names;
  TypeModel model;
  std::vector<FunctionEntry> methods;
};

struct HazardEntry {
  std::vector<Name> names;
  HazardModel model;
};

struct ModelFile {
  std::vector<TypeEntry> types;
  std::vector<FunctionEntry> functions;
  std::vector<HazardEntry> hazards;
};

/// Reads a model file; errors are `source:line:column: what is wrong`.
llvm::Expected<ModelFile> readModelFile(llvm::StringRef text, llvm::StringRef source);

}  // namespace deadheat
