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

void Emitter::flag(clang::SourceLocation at, const clang::VarDecl* variable, const clang::Expr* value) {
  const Path target = scope.storage(variable);
  if (!testedLocals_.contains(target) && !scope.survey.indices.contains(variable)) return;
  Flag event{target, std::nullopt};
  clang::Expr::EvalResult number;
  const bool isNull = value && !value->isValueDependent() &&
                      value->isNullPointerConstant(tu.ast, clang::Expr::NPC_ValueDependentIsNotNull);
  if (isNull) {
    event.constant.emplace();
  } else if (value && !value->isValueDependent() && value->getType()->isIntegralOrEnumerationType() &&
             value->EvaluateAsInt(number, tu.ast)) {
    llvm::SmallString<16> digits;
    number.Val.getInt().toString(digits);
    event.constant = number.Val.getInt() == 0 ? std::string() : std::string(digits);
  }
  emit(at, std::move(event));
}

}  // namespace deadheat
