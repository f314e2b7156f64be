// Open calls: virtual calls on the way to an access that may reach methods of several classes.
#pragma once

#include <map>

#include "analyzers/link/program.h"

namespace deadheat {

class OpenCalls {
 public:
  explicit OpenCalls(const Program& program) : program_(program) {}

  /// Whether the access is made in one of several methods that a virtual call on the way there may reach. Which class the
  /// object has is not followed. Each function is looked at once.
  bool leadTo(const AccessFact& access);

 private:
  bool isOpen(FunctionIndex caller, FunctionIndex callee);

  const Program& program_;
  std::map<std::pair<FunctionIndex, FunctionIndex>, bool> known_;
};

}  // namespace deadheat
