// Outcomes: which call's result a condition tests, and what a return says of its own, so that locks which a function
// takes only if it returns true can be followed into its callers.
#include "analyzers/extract/emitter.h"
#include "clang/AST/ExprCXX.h"

namespace deadheat {

using llvm::dyn_cast;

std::optional<Emitter::Outcome> Emitter::testedOutcome(const clang::Expr* condition) {
  condition = condition->IgnoreParenImpCasts();
  if (const auto* full = dyn_cast<clang::FullExpr>(condition)) return testedOutcome(full->getSubExpr());
  if (const auto* cast = dyn_cast<clang::ExplicitCastExpr>(condition)) return testedOutcome(cast->getSubExpr());
  if (const auto* negation = dyn_cast<clang::UnaryOperator>(condition);
      negation && negation->getOpcode() == clang::UO_LNot) {
    std::optional<Outcome> outcome = testedOutcome(negation->getSubExpr());
    if (outcome) outcome->negated = !outcome->negated;
    return outcome;
  }
  // `a != b` by way of an `operator==`.
  if (const auto* rewritten = dyn_cast<clang::CXXRewrittenBinaryOperator>(condition))
    return testedOutcome(rewritten->getSemanticForm());
  if (const auto* comparison = dyn_cast<clang::BinaryOperator>(condition); comparison && comparison->isComparisonOp())
    return comparedOutcome(comparison);
  const clang::Expr* called = triedCall(condition);
  const auto* call = called ? dyn_cast<clang::CallExpr>(called) : nullptr;
  if (!call || !call->getType()->isScalarType()) return std::nullopt;
  const CallShape shape = tu.library.shape(call);
  if (shape.model || !shape.callee || shape.callee->getBuiltinID() != 0) return std::nullopt;
  return Outcome{scope.temporary(RootKind::Result, "result", call), false};
}

/// A result compared with a constant: zero is failure or success, anything else the other.
std::optional<Emitter::Outcome> Emitter::comparedOutcome(const clang::BinaryOperator* comparison) {
  const clang::Expr* tested = comparison->getLHS();
  const clang::Expr* constant = comparison->getRHS();
  clang::Expr::EvalResult number;
  auto isZero = [&](const clang::Expr* expression) -> std::optional<bool> {
    if (expression->isValueDependent()) return std::nullopt;
    if (expression->isNullPointerConstant(tu.ast, clang::Expr::NPC_ValueDependentIsNotNull)) return true;
    if (!expression->EvaluateAsInt(number, tu.ast)) return std::nullopt;
    return number.Val.getInt() == 0;
  };
  std::optional<bool> zero = isZero(constant);
  if (!zero) {
    std::swap(tested, constant);
    zero = isZero(constant);
  }
  if (!zero) return std::nullopt;
  std::optional<Outcome> outcome = testedOutcome(tested);
  if (!outcome) return outcome;
  switch (comparison->getOpcode()) {
    case clang::BO_EQ:
      outcome->negated ^= *zero;
      return outcome;
    case clang::BO_NE:
      outcome->negated ^= !*zero;
      return outcome;
    case clang::BO_LT:
    case clang::BO_GT:
      return *zero ? outcome : std::nullopt;
    default:  // `>= 0` is the way on after success as zero.
      if (!*zero) return std::nullopt;
      outcome->negated = !outcome->negated;
      return outcome;
  }
}

void Emitter::tellOutcome(const clang::Expr* result, Return& event) {
  const clang::QualType type = result->getType();
  if (!type->isScalarType() || result->isValueDependent()) return;
  bool truth = false;
  if (result->isNullPointerConstant(tu.ast, clang::Expr::NPC_ValueDependentIsNotNull)) {
    event.truth = Return::Truth::False;
  } else if (!type->isMemberPointerType() && result->EvaluateAsBooleanCondition(truth, tu.ast)) {
    event.truth = truth ? Return::Truth::True : Return::Truth::False;
  } else if (std::optional<Outcome> outcome = testedOutcome(result)) {
    event.outcome = outcome->result;
    event.outcomeNegated = outcome->negated;
  }
}

}  // namespace deadheat
