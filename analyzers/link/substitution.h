// Substitution: names of a callee turned into names of its caller at one call.
#pragma once

#include <optional>
#include <vector>

#include "analyzers/link/environment.h"

namespace deadheat {

/// What a call passes, in the caller's normalised terms.
struct Actuals {
  std::optional<LinkedValue> receiver;
  std::vector<LinkedValue> arguments;
  PathId result = PathId::Unknown;
  bool returnsObject = false;  ///< The callee's Returned is the result itself, not what it points to.
  auto operator<=>(const Actuals&) const = default;
};

/// Rewrites callee paths, values and sets for one call. Results are normalised in the caller's environment. Memoised.
class Substitution {
 public:
  Substitution(Tables& tables, Environment& caller, Actuals actuals)
      : tables_(tables), caller_(caller), actuals_(std::move(actuals)) {}

  /// Unknown for memory that is private to the callee: its locals, its parameters' own storage, copied objects.
  PathId path(PathId callee);
  /// As path(), but a lock that the caller cannot name stays distinguishable.
  PathId lock(PathId callee);
  LinkedValue value(const LinkedValue& callee);
  PathSetId set(PathSetId callee);
  /// A number of the callee with the numbers that are passed in place of its parameters.
  Symbol number(Symbol callee);

 private:
  enum class Copy : std::uint8_t { Shared, Any };
  PathId replace(PathId callee, Copy copy);
  PathId rooted(PathId callee, PathId root, const LinkedValue& actual, bool isThis, Copy copy);

  Tables& tables_;
  Environment& caller_;
  Actuals actuals_;
  llvm::DenseMap<PathId, PathId> memo_;
  llvm::DenseMap<std::uint32_t, Symbol> numbers_;
  llvm::DenseMap<std::uint32_t, PathSetId> sets_;
};

}  // namespace deadheat
