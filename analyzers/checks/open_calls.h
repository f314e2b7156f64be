// Open calls: calls on the way to an event that may reach several functions, of which one was followed: virtual calls
// that methods of several classes answer, and calls through pointers that hold several functions.
#pragma once

#include <map>

#include "analyzers/link/program.h"

namespace deadheat {

class OpenCalls {
 public:
  explicit OpenCalls(const Program& program) : program_(program) {}

  /// Whether the access is made in one of several methods that a virtual call on the way there may reach. Which class the
  /// object has is not followed. Each function is looked at once.
  bool leadTo(const AccessFact& access) { return leadTo(access.trace, Callee::Kind::Virtual); }

  /// Whether some call of that kind on the way is open.
  bool leadTo(TraceId trace, Callee::Kind kind);

  /// Whether the access is to a member that its object cannot have: a virtual call was taken to reach another class's
  /// method than that of the local variable it is made on.
  bool mistakeClass(const AccessFact& access);

 private:
  bool isOpen(FunctionIndex caller, FunctionIndex callee, Callee::Kind kind);
  std::string_view classOfLocal(PathId local);
  bool isOrDerives(std::string_view record, std::string_view base) const;

  const Program& program_;
  std::map<std::tuple<FunctionIndex, FunctionIndex, Callee::Kind>, bool> known_;
  std::map<PathId, std::string_view> classes_;
};

}  // namespace deadheat
