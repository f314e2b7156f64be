#include "analyzers/extract/loop_shape.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::dyn_cast_or_null;

namespace {

/// Starts the shape: variable and first value.
bool readInit(const clang::Stmt* init, LoopShape& shape) {
  if (const auto* declaration = dyn_cast_or_null<clang::DeclStmt>(init)) {
    shape.variable = declaration->isSingleDecl() ? dyn_cast<clang::VarDecl>(declaration->getSingleDecl()) : nullptr;
    shape.first = shape.variable ? shape.variable->getInit() : nullptr;
  } else if (const auto* binary = dyn_cast_or_null<clang::BinaryOperator>(init);
             binary && binary->getOpcode() == clang::BO_Assign) {
    shape.variable = namedVariable(binary->getLHS());
    shape.first = binary->getRHS();
  }
  return shape.variable && shape.first && shape.variable->getType().getNonReferenceType()->isIntegerType();
}

struct Comparison {
  clang::BinaryOperatorKind relation = clang::BO_NE;
  const clang::Expr* bound = nullptr;
};

/// `v < bound` or `bound > v`.
std::optional<Comparison> readCondition(const clang::Expr* condition, const clang::VarDecl* variable) {
  const auto* binary = condition ? dyn_cast<clang::BinaryOperator>(condition->IgnoreParenImpCasts()) : nullptr;
  if (!binary || !(binary->isRelationalOp() || binary->getOpcode() == clang::BO_NE)) return std::nullopt;
  if (namedVariable(binary->getLHS()) == variable) return Comparison{binary->getOpcode(), binary->getRHS()};
  if (namedVariable(binary->getRHS()) != variable) return std::nullopt;
  const auto relation = binary->getOpcode();
  return Comparison{relation == clang::BO_NE ? relation : clang::BinaryOperator::reverseComparisonOp(relation),
                    binary->getLHS()};
}

std::optional<std::int64_t> numberOf(const clang::Expr* expression, const clang::ASTContext& ast) {
  clang::Expr::EvalResult result;
  if (expression->isValueDependent() || !expression->EvaluateAsInt(result, ast)) return std::nullopt;
  return result.Val.getInt().getExtValue();
}

/// What one turn adds: a number, or only its sign. `up` is what the condition says.
bool readStep(const clang::Expr* increment, bool up, LoopShape& shape, const clang::ASTContext& ast) {
  if (!increment) return false;
  increment = increment->IgnoreParenImpCasts();
  if (const auto* unary = dyn_cast<clang::UnaryOperator>(increment)) {
    shape.step = 1;
    shape.goesDown = unary->isDecrementOp();
    return unary->isIncrementDecrementOp() && namedVariable(unary->getSubExpr()) == shape.variable;
  }
  const auto* binary = dyn_cast<clang::BinaryOperator>(increment);
  if (!binary || namedVariable(binary->getLHS()) != shape.variable) return false;
  const clang::Expr* added = nullptr;
  bool minus = binary->getOpcode() == clang::BO_SubAssign;
  if (binary->getOpcode() == clang::BO_AddAssign || minus) {
    added = binary->getRHS();
  } else if (binary->getOpcode() == clang::BO_Assign) {
    const auto* sum = dyn_cast<clang::BinaryOperator>(binary->getRHS()->IgnoreParenImpCasts());
    if (!sum || !sum->isAdditiveOp()) return false;
    minus = sum->getOpcode() == clang::BO_Sub;
    if (namedVariable(sum->getLHS()) == shape.variable) added = sum->getRHS();
    if (!minus && namedVariable(sum->getRHS()) == shape.variable) added = sum->getLHS();
  }
  if (!added) return false;
  const std::optional<std::int64_t> number = numberOf(added, ast);
  shape.goesDown = number ? (*number < 0) != minus : !up;
  shape.step = number ? std::abs(*number) : 0;
  return !number || *number != 0;
}

}  // namespace

const clang::VarDecl* namedVariable(const clang::Expr* expression) {
  const auto* reference = dyn_cast_or_null<clang::DeclRefExpr>(expression ? expression->IgnoreParenCasts() : nullptr);
  return reference ? dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
}

std::optional<LoopShape> shapeOf(const clang::ForStmt* loop, const clang::ASTContext& ast) {
  LoopShape shape;
  if (!readInit(loop->getInit(), shape)) return std::nullopt;
  const std::optional<Comparison> condition = readCondition(loop->getCond(), shape.variable);
  if (!condition) return std::nullopt;
  const bool up = condition->relation == clang::BO_LT || condition->relation == clang::BO_LE;
  if (!readStep(loop->getInc(), up, shape, ast)) return std::nullopt;
  if (condition->relation != clang::BO_NE && shape.goesDown == up) return std::nullopt;
  shape.bound = condition->bound;
  shape.reachesBound = condition->relation == clang::BO_LE || condition->relation == clang::BO_GE;
  return shape;
}

}  // namespace deadheat
