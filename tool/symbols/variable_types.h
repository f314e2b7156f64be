// What part of a global variable an address is, by the variable's type in the debug information: `.hits`, `[3].lock`.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace deadheat {

/// Reads types of modules on demand and keeps them open.
class VariableTypes {
 public:
  VariableTypes();
  ~VariableTypes();

  /// The members and elements that lead to the byte `offset` of the global variable that starts at `address` (ELF
  /// virtual). Stops at types of the system's libraries. `known` is false when there is no such variable.
  struct Part {
    bool known = false;
    std::string text;
  };
  Part partAt(const std::string& modulePath, std::uint64_t address, std::uint64_t offset);

 private:
  struct Module;
  std::map<std::string, std::unique_ptr<Module>> modules_;
};

}  // namespace deadheat
