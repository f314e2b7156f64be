// Loops that count: which variable a for statement counts, from where to where.
#pragma once

#include <cstdint>
#include <optional>

#include "clang/AST/Expr.h"
#include "clang/AST/Stmt.h"

namespace deadheat {

/// `for (v = first; v < bound; v += step)` and its relatives, also counting down.
struct LoopShape {
  const clang::VarDecl* variable = nullptr;
  const clang::Expr* first = nullptr;
  const clang::Expr* bound = nullptr;
  bool reachesBound = false;  ///< `<=`, `>=`.
  bool goesDown = false;
  std::int64_t step = 0;  ///< Positive; 0 if it is not a number.
};

/// The shape of `loop` as it is written; whether its body leaves the variable alone is not looked at.
std::optional<LoopShape> shapeOf(const clang::ForStmt* loop, const clang::ASTContext& ast);

/// The variable that `expression` names, without casts and parentheses, or null.
const clang::VarDecl* namedVariable(const clang::Expr* expression);

}  // namespace deadheat
