// Where in the source an access fact stands for: link keeps one of those that a function makes alike, a report shows all.
#pragma once

#include <map>
#include <vector>

#include "analyzers/findings/finding.h"
#include "analyzers/link/program.h"

namespace deadheat {

/// Finds again what link has left out. Looks at each function once, and only if asked for.
class AccessPlaces {
 public:
  explicit AccessPlaces(const Program& program) : program_(program) {}

  /// The fact's own place.
  Site site(const AccessFact& fact) const;
  /// All accesses of its function of the same kind at the same memory under the same locks; its own first.
  std::vector<Site> of(const AccessFact& fact);

 private:
  const FunctionView& view(FunctionIndex f);
  const Program& program_;
  std::map<FunctionIndex, FunctionView> views_;
};

}  // namespace deadheat
