// Variables that branches test, or that choose an element: where they take a value, for conditions that go together
// and elements that stay the same.
#include "analyzers/extract/emitter.h"
#include "llvm/ADT/SmallString.h"

namespace deadheat {

using llvm::dyn_cast;

void Emitter::noteTestedLocals(const clang::Stmt* condition) {
  if (llvm::isa<clang::LambdaExpr>(condition)) return;
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(condition)) {
    const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl());
    if (variable && variable->hasLocalStorage()) testedLocals_.insert(scope.storage(variable));
  }
  for (const clang::Stmt* child : condition->children())
    if (child) noteTestedLocals(child);
}

void Emitter::flag(clang::SourceLocation at, const clang::Expr* lvalue, const clang::Expr* value) {
  const auto* reference = dyn_cast<clang::DeclRefExpr>(lvalue->IgnoreParens());
  const auto* variable = reference ? dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
  if (variable && variable->hasLocalStorage()) flag(at, variable, value);
}

/// A local guard that some condition names.
bool Emitter::isTestedGuard(const Path& guard) const {
  return guard.root.kind == RootKind::Local && guard.steps.empty() && testedLocals_.contains(guard);
}

/// From here on `guard` holds its lock, or does not; nothing if it is not known.
void Emitter::tellOwned(clang::SourceLocation at, const Path& guard, std::optional<bool> owns) {
  if (!isTestedGuard(guard)) return;
  Flag event{guard, std::nullopt};
  if (owns) event.constant = *owns ? "1" : "";
  emit(at, std::move(event));
}

/// The number that `value` comes to, whatever else it does on the way; empty for zero and null. Nothing if it is not
/// known.
std::optional<std::string> Emitter::constantOf(const clang::Expr* value) {
  if (!value || value->isValueDependent()) return std::nullopt;
  if (value->isNullPointerConstant(tu.ast, clang::Expr::NPC_ValueDependentIsNotNull)) return std::string();
  clang::Expr::EvalResult number;
  if (value->getType()->isIntegralOrEnumerationType() && value->EvaluateAsInt(number, tu.ast)) {
    llvm::SmallString<16> digits;
    number.Val.getInt().toString(digits);
    return number.Val.getInt() == 0 ? std::string() : std::string(digits);
  }
  value = value->IgnoreParenImpCasts();
  if (const auto* full = dyn_cast<clang::FullExpr>(value)) return constantOf(full->getSubExpr());
  if (const auto* comma = dyn_cast<clang::BinaryOperator>(value); comma && comma->getOpcode() == clang::BO_Comma)
    return constantOf(comma->getRHS());
  if (const auto* choice = dyn_cast<clang::ConditionalOperator>(value)) {
    const std::optional<std::string> first = constantOf(choice->getTrueExpr());
    return first && first == constantOf(choice->getFalseExpr()) ? first : std::nullopt;
  }
  return std::nullopt;
}

void Emitter::flag(clang::SourceLocation at, const clang::VarDecl* variable, const clang::Expr* value) {
  const Path target = scope.storage(variable);
  if (!testedLocals_.contains(target) && !scope.survey.indices.contains(variable)) return;
  emit(at, Flag{target, constantOf(value)});
}

}  // namespace deadheat
