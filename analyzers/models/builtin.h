// The YAML files of this folder as text, generated at build time by embed.cmake.
#pragma once

#include <cstddef>

namespace deadheat {

struct BuiltinModel {
  const char* file;
  const char* text;
};

extern const BuiltinModel kBuiltinModels[];
extern const std::size_t kBuiltinModelCount;

}  // namespace deadheat
