#include "analyzers/extract/signals.h"

#include <csignal>
#include <vector>

#include "analyzers/extract/survey.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

/// Raised where the running code does something that it cannot go on after.
constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};

/// A handler is put into a variable, or the variable is handed to sigaction.
struct Use {
  const clang::VarDecl* action = nullptr;
  const clang::Expr* handler = nullptr;  ///< Or the whole initial value of the variable.
  const clang::Expr* signal = nullptr;
};

bool contains(const clang::Stmt* whole, const clang::Stmt* part) {
  return whole && (whole == part || llvm::any_of(whole->children(), [&](const clang::Stmt* child) {
                     return contains(child, part);
                   }));
}

const clang::VarDecl* pointedAction(const clang::Expr* pointer) {
  const auto* address = dyn_cast<clang::UnaryOperator>(pointer->IgnoreParenImpCasts());
  return address && address->getOpcode() == clang::UO_AddrOf ? baseVariable(address->getSubExpr()) : nullptr;
}

/// The uses in `part`, in the order of the text.
void gather(const clang::Stmt* part, std::vector<Use>& uses) {
  if (!part) return;
  if (const auto* declaration = dyn_cast<clang::DeclStmt>(part)) {
    for (const clang::Decl* each : declaration->decls())
      if (const auto* variable = dyn_cast<clang::VarDecl>(each); variable && variable->getInit())
        uses.push_back({variable, variable->getInit(), nullptr});
  } else if (const auto* store = dyn_cast<clang::BinaryOperator>(part); store && store->isAssignmentOp()) {
    const auto* member = dyn_cast<clang::MemberExpr>(store->getLHS()->IgnoreParens());
    const auto* field = member ? dyn_cast<clang::FieldDecl>(member->getMemberDecl()) : nullptr;
    if (field && isHandlerField(field)) uses.push_back({baseVariable(member), store->getRHS(), nullptr});
  } else if (const auto* call = dyn_cast<clang::CallExpr>(part); call && call->getNumArgs() >= 2) {
    const clang::FunctionDecl* callee = call->getDirectCallee();
    if (callee && callee->getIdentifier() && callee->getName() == "sigaction")
      uses.push_back({pointedAction(call->getArg(1)), nullptr, call->getArg(0)});
  }
  for (const clang::Stmt* child : part->children()) gather(child, uses);
}

}  // namespace

bool isHandlerField(const clang::FieldDecl* field) {
  if (field->getName() != "sa_handler" && field->getName() != "sa_sigaction") return false;
  // The outermost class that holds the field, unions in between left aside.
  const clang::RecordDecl* record = field->getParent();
  while (record->getIdentifier() == nullptr && isa<clang::RecordDecl>(record->getDeclContext()))
    record = llvm::cast<clang::RecordDecl>(record->getDeclContext());
  return record->getIdentifier() && record->getName() == "sigaction";
}

SignalSource sourceOfSignal(const clang::Expr* number, const clang::ASTContext& ast) {
  clang::Expr::EvalResult result;
  if (number->isValueDependent() || !number->EvaluateAsInt(result, ast)) return SignalSource::Anything;
  const auto value = result.Val.getInt().getExtValue();
  return llvm::is_contained(kFaults, value) ? SignalSource::Fault : SignalSource::Anything;
}

SignalSource sourceOfSignals(const clang::Stmt* body, const clang::Expr* handler, const clang::ASTContext& ast) {
  std::vector<Use> uses;
  gather(body, uses);
  auto stored = llvm::find_if(uses, [&](const Use& use) { return contains(use.handler, handler); });
  if (stored == uses.end() || !stored->action) return SignalSource::Anything;
  bool isInstalled = false;
  for (auto use = std::next(stored); use != uses.end(); ++use) {
    if (use->action != stored->action) continue;
    if (use->handler) break;
    if (sourceOfSignal(use->signal, ast) != SignalSource::Fault) return SignalSource::Anything;
    isInstalled = true;
  }
  return isInstalled ? SignalSource::Fault : SignalSource::Anything;
}

}  // namespace deadheat
